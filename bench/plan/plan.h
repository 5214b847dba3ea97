/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of measuring. A round visits every layer once per workload. Within a round the
 * workloads come in random order, and the layers of one workload right after each other, so that
 * slow drift of the machine cancels in the ratios formed within a round. Works that are to be
 * compared with one another in the same layer (a group) are measured in turns just as layers are:
 * what takes a turn is a work of the group in a layer.
 *
 * The order of the n turns follows a random Latin square that is balanced for what comes before
 * (Williams, "Experimental designs balanced for the estimation of residual effects of treatments",
 * Australian Journal of Scientific Research A 2 (1949)): over n rounds each of them comes once in
 * every place, and over n rounds (2n when n is odd) each comes as often before as behind every
 * other, and right behind each other equally often. A cyclic square does not give that: with three
 * layers one follows another in two rounds of three, so a machine that slows down steadily would
 * shift the median of their ratios.
 */
#ifndef NB_PLAN_H
#define NB_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct job {
	uint32_t boot, round; /* from 1 */
	uint32_t slot;	      /* place in the round, from 1 */
	uint32_t layer;
	uint32_t workload; /* index into the list of workloads to measure */
};

/* Zeroed: an empty one. */
struct plan {
	struct job *job;
	size_t jobs;
};

/* What takes its turn in each round. */
struct plan_turns {
	uint32_t layers; /* at least 1 */
	/* Works in each group, at least 1; the first group's come first in the list. */
	const uint32_t *group;
	uint32_t groups;
};

/*
 * Adds one round behind the others. Its order depends on the seed, the boot and the round (both
 * from 1) alone, so a plan can grow while it is carried out, and begin anywhere.
 */
int plan_add_round(struct plan *p, uint64_t seed, uint32_t boot, uint32_t round,
		   const struct plan_turns *turns, struct err *err);

void plan_release(struct plan *p);

#endif
