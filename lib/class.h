/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of work, in the order in which they are shown.
 */
#ifndef NB_CLASS_H
#define NB_CLASS_H

enum workload_class {
	CLASS_CONTROL,
	CLASS_BOOT, /* how long a layer takes to come up: of every run, and of no workload */
	CLASS_CPU,
	CLASS_EXIT,
	CLASS_MEM,
	CLASS_IO,
	CLASS_NET,
	CLASS_GPU,
	CLASS_APP,
	CLASS_CAPACITY,
	CLASS_COUNT
};

/* "control", "boot", "cpu", …; NULL for a number that is none of them. */
const char *class_name(int class);

/* The class of that name; CLASS_COUNT for others, which files may hold, and which come last. */
int class_rank(const char *name);

#endif
