/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The order of measuring. A round visits every layer once per workload. Within a round the
 * workloads come in random order, and the layers of one workload right after each other, so that
 * the ratios formed within a round see the same weather. The order of the layers follows a random
 * cyclic Latin square: over as many rounds as there are layers, every layer comes once in every
 * place (Cochran & Cox, "Experimental Designs", 2nd ed., 4.3).
 */
#ifndef NB_PLAN_H
#define NB_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "bench/base/err.h"

struct job {
	uint32_t boot, round; /* from 1 */
	uint32_t slot;	      /* place in the round, from 1 */
	uint32_t layer;
	uint32_t workload; /* index into the list of workloads to measure */
};

struct plan {
	struct job *job;
	size_t jobs;
};

#define PLAN_INIT                                                                                  \
	{                                                                                          \
		0                                                                                  \
	}

/*
 * Adds one round behind the others. Its order depends on the seed, the boot and the round alone, so
 * a plan can grow while it is carried out, and begin anywhere. All counts but works are at least 1.
 */
int plan_add_round(struct plan *p, uint64_t seed, uint32_t boot, uint32_t round, uint32_t layers,
		   uint32_t works, struct err *err);

/* All rounds of all boots. The same seed gives the same plan. */
int plan_make(struct plan *p, uint64_t seed, uint32_t boots, uint32_t rounds, uint32_t layers,
	      uint32_t works, struct err *err);

void plan_release(struct plan *p);

#endif
