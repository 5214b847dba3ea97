/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of work, in the order in which they are shown.
 */
#ifndef NB_CLASS_H
#define NB_CLASS_H

#include <stddef.h>
#include <string.h>

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
static inline const char *class_name(int class)
{
	static const char *const names[CLASS_COUNT] = {
		[CLASS_CONTROL] = "control",   [CLASS_BOOT] = "boot", [CLASS_CPU] = "cpu",
		[CLASS_EXIT] = "exit",	       [CLASS_MEM] = "mem",   [CLASS_IO] = "io",
		[CLASS_NET] = "net",	       [CLASS_GPU] = "gpu",   [CLASS_APP] = "app",
		[CLASS_CAPACITY] = "capacity",
	};

	return (unsigned)class < CLASS_COUNT ? names[class] : NULL;
}

/* The class of that name; CLASS_COUNT for others, which files may hold, and which come last. */
static inline int class_rank(const char *name)
{
	const char *known;
	int class = 0;

	while ((known = class_name(class)) && strcmp(known, name) != 0)
		class ++;
	return class;
}

#endif
