/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan.h"

#include <stdlib.h>

#include "workloads/workload.h"

struct rng {
	uint64_t state;
};

/* A number below n (Lemire 2019, without the rejection step: n is tiny against 2^64). */
static uint32_t below(struct rng *r, uint32_t n)
{
	return (uint32_t)(((unsigned __int128)mix64(r->state++) * n) >> 64);
}

/* A random permutation of 0 … n-1 (Fisher & Yates). */
static void shuffle(struct rng *r, uint32_t *x, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		x[i] = i;
	for (uint32_t i = n; i > 1; i--) {
		uint32_t j = below(r, i), t = x[i - 1];

		x[i - 1] = x[j];
		x[j] = t;
	}
}

/* One round: workloads in random order; for each, row `round` of its own Latin square of layers. */
static struct job *plan_round(struct job *job, struct rng *r, struct job where, uint32_t layers,
			      uint32_t works, uint32_t *order, const uint32_t *squares)
{
	shuffle(r, order, works);
	for (uint32_t w = 0; w < works; w++)
		for (uint32_t i = 0; i < layers; i++) {
			const uint32_t *square = squares + (size_t)order[w] * layers;

			where.slot++;
			where.workload = order[w];
			where.layer = square[(where.round - 1 + i) % layers];
			*job++ = where;
		}
	return job;
}

int plan_make(struct plan *p, uint64_t seed, uint32_t boots, uint32_t rounds, uint32_t layers,
	      uint32_t works, struct err *err)
{
	struct rng r = {mix64(seed)};
	size_t jobs = (size_t)boots * rounds * layers * works;
	uint32_t *order = calloc(works + 1, sizeof(*order));
	uint32_t *squares = calloc((size_t)works * layers + 1, sizeof(*squares));
	struct job *next;

	*p = (struct plan){.job = calloc(jobs + 1, sizeof(*p->job)), .jobs = jobs};
	next = p->job;
	if (!next || !order || !squares) {
		free(order);
		free(squares);
		plan_release(p);
		return err_set(err, EXIT_INTERNAL, "out of memory for a plan of %zu jobs", jobs);
	}
	for (uint32_t boot = 1; boot <= boots; boot++)
		for (uint32_t round = 1; round <= rounds; round++) {
			/* A new set of squares whenever the old one has been gone through. */
			for (uint32_t w = 0; w < works && (round - 1) % layers == 0; w++)
				shuffle(&r, squares + (size_t)w * layers, layers);
			next = plan_round(next, &r, (struct job){.boot = boot, .round = round},
					  layers, works, order, squares);
		}
	free(order);
	free(squares);
	return 0;
}

void plan_release(struct plan *p)
{
	free(p->job);
	*p = (struct plan)PLAN_INIT;
}
