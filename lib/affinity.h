/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The CPUs that a thread may run on, in sets that are as large as the machine asks for: cpu_set_t
 * alone holds 1,024, and the kernel refuses to fill a set that is smaller than its own.
 */
#ifndef NB_AFFINITY_H
#define NB_AFFINITY_H

#include <sched.h>
#include <stddef.h>

#include "lib/err.h"

/* Zeroed: no set, of no CPUs. */
struct affinity {
	cpu_set_t *set;
	size_t bytes;
};

/* The highest CPU number that can be named, and more than a kernel can have. */
enum { AFFINITY_CPU_MAX = 65535 };

/* The CPUs of the calling thread. The caller releases them. */
int affinity_read(struct affinity *a, struct err *err);

/* Reads "0,2-3"; what names it in errors, EXIT_USAGE. The caller releases it. */
int affinity_parse(struct affinity *a, const char *text, const char *what, struct err *err);

int affinity_count(const struct affinity *a);

/* The nth CPU of the set, in ascending order, from 0; -1: there are not so many. */
int affinity_nth(const struct affinity *a, unsigned n);

/* The remark on what was measured all the same where that is refused. */
#define AFFINITY_REFUSED "not pinned to CPUs, since that was refused (sched_setaffinity)"

/* Lets the calling thread run on these, or on one, alone. -1 with errno: it is refused. */
int affinity_apply(const struct affinity *a);
int affinity_pin(int cpu);

void affinity_release(struct affinity *a);

#endif
