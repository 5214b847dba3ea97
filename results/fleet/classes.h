/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The classes of machines of one folder of nodes, and their letters. Every node that says its class
 * counts, whatever becomes of it, so that all answers on the folder give a class the same letter:
 * "A" has the most nodes; of as many the CPU's name decides, then the settings.
 */
#ifndef NB_FLEET_CLASSES_H
#define NB_FLEET_CLASSES_H

#include <stddef.h>

#include "lib/err.h"
#include "results/fleet/class.h"

/* Zeroed: none. */
struct fleet_classes {
	struct fleet_class_nodes {
		struct fleet_class class;
		size_t nodes;
	} * item;
	size_t count;
};

/* Counts a node of this class. */
int fleet_classes_add(struct fleet_classes *all, const struct fleet_class *class, struct err *err);

/* When all are counted: the order of the letters. */
void fleet_classes_sort(struct fleet_classes *all);

/* The number of a class that was added; its letter is that of the number. */
size_t fleet_classes_find(const struct fleet_classes *all, const struct fleet_class *class);

/* "A", "B", …, "Z", "A1", …: short for a class, by its number. Returns text. */
enum { FLEET_LETTER = 24 };
const char *fleet_letter(size_t number, char text[FLEET_LETTER]);

void fleet_classes_release(struct fleet_classes *all);

#endif
