/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Classes of machines: nodes of one class have the same CPU model and the same virtualization
 * settings, so that their figures can stand for each other.
 *
 * The settings are those of L0: what lies below it, whether KVM can be used, nested virtualization
 * and nested paging; and the first layer whose starter emulates its CPU. What a node does not say
 * is left out. A layer that did not come up makes no class of its own, nor do kernel, microcode and
 * sizes: diff-env names those.
 */
#ifndef NB_FLEET_CLASS_H
#define NB_FLEET_CLASS_H

#include "results/rundir/layers.h"

enum { FLEET_CPU_TEXT = 96, FLEET_SETTINGS_TEXT = 128 };
enum { FLEET_CLASS_TEXT = FLEET_CPU_TEXT + FLEET_SETTINGS_TEXT + 2 };

/* In printable ASCII. */
struct fleet_class {
	char cpu[FLEET_CPU_TEXT];	    /* "AMD EPYC 7763 64-Core Processor"; "unknown CPU" */
	char settings[FLEET_SETTINGS_TEXT]; /* "bare metal, KVM, nested on, npt on"; "" */
};

/* The class of a run, from the facts of its layers; and of a summary, which knows their depths. */
struct summary;
void fleet_class_of(const struct layers *facts, struct fleet_class *c);
void fleet_class_of_run(const struct summary *s, struct fleet_class *c);

/* <0, 0, >0 as strcmp: by CPU, then settings. 0: the same class. */
int fleet_class_compare(const struct fleet_class *a, const struct fleet_class *b);

/* "CPU; settings". Returns text. */
const char *fleet_class_name(const struct fleet_class *c, char text[FLEET_CLASS_TEXT]);

#endif
