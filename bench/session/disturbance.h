/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What disturbed a layer between two readings of its noise counters (drivers/host/noise.h), and
 * whether a round has to be called disturbed for it.
 *
 * The criterion. A round is disturbed when others than nestbench used, or L0's own hypervisor
 * stole, more than a stated share of the CPU time of L0 (`run --noise-limit`), or when a core was
 * throttled for heat. "Others" are those of all CPUs together, and those of the measured CPUs: on a
 * machine with many CPUs a neighbour on the measured one is nothing over all. Of the latter only
 * what must be others' is known: all that ran there beyond what nestbench used anywhere.
 *
 * The criterion looks at L0's neighbours only, never at what was measured, and never at a guest: a
 * round that is measured again because its figures are odd, or because its exits or its own steal
 * were many, would be the one-sided trimming that removes exactly what is looked for.
 */
#ifndef NB_DISTURBANCE_H
#define NB_DISTURBANCE_H

#include <jansson.h>
#include <stdbool.h>

#include "bench/link/link.h"
#include "drivers/host/noise.h"
#include "lib/clock.h"

/* The kernel counts in ticks of mostly 10 ms: fewer than some of them tell nothing. */
#define DISTURBANCE_LEAST_NS (100 * NS_PER_MS)
/* Of run --noise-limit. */
#define DISTURBANCE_LIMIT "10%"

/* Shares are of the CPU time of all or of the measured CPUs, whichever were disturbed more. */
struct disturbance {
	bool of_measured;     /* which */
	double foreign_share; /* used by others */
	double steal_share;
	double disturbed_ns;   /* both together, in CPU time */
	double wait_share;     /* run-queue wait of our vCPU threads, of their time; NAN: none */
	double switches_per_s; /* involuntary context switches of these threads; NAN: none */
	double load1;	       /* at the end */
	uint64_t khz_before, khz_after; /* 0: not told */
	uint64_t throttles;
};

/* What happened from one reading to the next. False when no time lies between them. Counters that
 * went down (a process that is gone) count as unchanged. */
bool disturbance_between(const struct noise_reading *from, const struct noise_reading *to,
			 struct disturbance *d);

/*
 * Whether L0 was disturbed: by more than `limit` (a share; 0: nothing is), and why, as words:
 * "others used 23.1 % of the CPUs and 2.0 % was stolen (limit 10 %)".
 */
enum { DISTURBANCE_WHY = 160 };
bool disturbance_verdict(const struct disturbance *d, double limit, char why[DISTURBANCE_WHY]);

/* Whether so many CPUs have so much to do that a run had better wait: half of them are busy. */
bool disturbance_load_is_high(double load1, long cpus);

/* As one fact: "foreign=0.0312 steal=0.0000 wait=0.0040 switches/s=12.1 load1=0.52
 * khz=2445000-2445000 throttles=0"; what is not known is left out. */
enum { DISTURBANCE_TEXT = 256 };
void disturbance_text(const struct disturbance *d, char text[DISTURBANCE_TEXT]);

/* The answer to the request `noise`: a new reference, NULL without memory. */
json_t *disturbance_to_json(const struct noise_reading *r);

/* Asks a layer for a reading. -1 when it does not answer, or with something else. */
int disturbance_read(struct link *l, int layer, struct noise_reading *out, struct err *err);

#endif
