/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What each layer takes of the machine, when every layer passes on what it does not need (mode
 * share): for each step from L(k-1), which stands for the parent layer, to L(k), what reached
 * L(k-1) is 1, and of that
 *
 *   reserved    L(k-1) did not hand on: 1 - h, where h = handed(k) / has(k-1)
 *   hypervisor  was handed on and is not usable in L(k): h (1 - y), where
 *               y = (usable(k) / handed(k)) / (usable(k-1) / has(k-1))
 *   slower      is usable in L(k), but does less work: h y (1 - 1 / r), where r is how many times
 *               as long work takes in L(k) as in L(k-1)
 *   left        reaches L(k), in units of L(k-1): h y / r; the four make 1
 *
 * A negative part is a gain. left_l0 is the product of `left` over the steps: what L(k) has in
 * units of L0.
 *
 *             has               handed             usable                          r: class
 *   CPUs      vcpus             vcpus of the VM    capacity.cpus                   cpu
 *   memory    memory_bytes      vm_memory_bytes    capacity.memory in the deepest  mem
 *                                                  layer, memory_bytes above it
 *   disk      capacity.disk     all that it has    capacity.disk                   io
 *
 * (names of layers.csv and of workloads). In a layer with VMs capacity.memory is what they leave
 * over, and would count their memory as lost; so the kernel's total is taken as usable there, and
 * what such a layer needs for itself is part of what it reserves. Sibling VMs count together.
 * cpu.scale, which runs on every CPU, is left out of the class cpu: missing CPUs are not also
 * counted as slow ones.
 *
 * Where several layers stand in one, what the others were given counts as reserved.
 *
 * Intervals are 95 %: of `slower` that of r; of `hypervisor` that of y, which has one only with
 * several boots, since capacities are found once in each; of `left` and `left_l0` the outer ends of
 * both, where they exist. reserved is configuration and exact.
 */
#ifndef NB_TAX_H
#define NB_TAX_H

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/summary/summary.h"

enum tax_resource { TAX_CPU, TAX_MEMORY, TAX_DISK, TAX_RESOURCES };

const char *tax_resource_name(enum tax_resource r); /* "CPUs", "memory", "disk" */

/* From the parent layer to this one. Amounts are in CPUs or bytes. NAN: not known. */
struct tax_step {
	double has, handed;	/* by the parent layer */
	struct estimate usable; /* in this layer */
	struct estimate reserved, hypervisor, slower, left, left_l0;
};

struct tax {
	const struct summary *s; /* borrowed */
	uint32_t layers;	 /* as in the summary */
	struct tax_step step[TAX_RESOURCES]
			    [LAYERS_MAX]; /* [r][k] leads to layer k; unused for those that do
					      not stand in L0, and for L0 */
};

/* Only in mode share, where sizes are results, and with a VM. */
bool tax_applies(const struct summary *s);

/* Pure. -1 only when memory runs out. Call only where it applies. */
int tax_make(const struct summary *s, struct tax *t, struct err *err);

/* Whether a layer has a step. */
bool tax_has_step(const struct tax *t, uint32_t layer);

/* Whether a step has amounts; with `speed`, also their speed. */
bool tax_known(const struct tax_step *step, bool speed);

/* "2.00 CPUs", "512 MiB"; "not known". */
const char *tax_amount(enum tax_resource r, double amount, char text[64]);

/* "12.3 % [11.9, 12.8]"; "not known". */
const char *tax_part(const struct estimate *part, char text[64]);

/* Appends the table for the terminal; nothing where it does not apply. -1 only when memory runs
 * out. */
int tax_format(const struct summary *s, struct buf *out, struct err *err);

#endif
