/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two threads or processes that communicate, on one CPU or on two: with a switch between them, or
 * with an interrupt from CPU to CPU, which in a VM is an exit.
 */
#ifndef NB_PLACE_H
#define NB_PLACE_H

#include <stdint.h>

#include "lib/affinity.h"
#include "lib/err.h"
#include "workloads/workload.h"

enum place { PLACE_TOGETHER, PLACE_APART };

extern const char *const place_choices[]; /* "together", "apart" */

/* The line of a parameter table. */
#define PLACE_PARAM(otherwise)                                                                     \
	{                                                                                          \
		"place", PARAM_CHOICE, (otherwise),                                                \
			.choices = place_choices, .probe = place_probe,                            \
			.help = "both on one CPU (together) or each on its own (apart)"            \
	}

/* -1 with the reason when there are not enough CPUs. */
int place_probe(uint64_t place, struct err *err);

/* Pins the calling thread, the first of the two or the second, within cpus. */
int place_pin(enum place place, int second, const struct affinity *cpus, struct err *err);

/* Restores the calling thread's CPUs, and releases the set; none is fine. */
void place_restore(struct affinity *cpus);

#endif
