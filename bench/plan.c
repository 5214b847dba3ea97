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

/* A generator for one purpose in one boot: the plan of a round depends on nothing measured before.
 */
static struct rng rng_for(uint64_t seed, uint32_t boot, uint32_t purpose, uint32_t number)
{
	return (struct rng){mix64(mix64(mix64(seed) + boot) + ((uint64_t)purpose << 32) + number)};
}

/* Workloads in random order; for each, the row of this round of its own Latin square of layers. */
static void fill_round(struct job *job, struct rng *r, struct job where, uint32_t layers,
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
}

int plan_add_round(struct plan *p, uint64_t seed, uint32_t boot, uint32_t round, uint32_t layers,
		   uint32_t works, struct err *err)
{
	/* A new set of squares whenever the old one has been gone through. */
	struct rng for_squares = rng_for(seed, boot, 1, (round - 1) / layers);
	struct rng for_order = rng_for(seed, boot, 2, round);
	size_t more = (size_t)layers * works;
	uint32_t *order = calloc(works + 1, sizeof(*order));
	uint32_t *squares = calloc(more + 1, sizeof(*squares));
	struct job *job = realloc(p->job, (p->jobs + more + 1) * sizeof(*job));

	if (job)
		p->job = job;
	if (!job || !order || !squares) {
		free(order);
		free(squares);
		return err_set(err, EXIT_INTERNAL, "out of memory for a plan of %zu jobs",
			       p->jobs + more);
	}
	for (uint32_t w = 0; w < works; w++)
		shuffle(&for_squares, squares + (size_t)w * layers, layers);
	fill_round(job + p->jobs, &for_order, (struct job){.boot = boot, .round = round}, layers,
		   works, order, squares);
	p->jobs += more;
	free(order);
	free(squares);
	return 0;
}

int plan_make(struct plan *p, uint64_t seed, uint32_t boots, uint32_t rounds, uint32_t layers,
	      uint32_t works, struct err *err)
{
	*p = (struct plan)PLAN_INIT;
	for (uint32_t boot = 1; boot <= boots; boot++)
		for (uint32_t round = 1; round <= rounds; round++)
			if (plan_add_round(p, seed, boot, round, layers, works, err) < 0) {
				plan_release(p);
				return -1;
			}
	return 0;
}

void plan_release(struct plan *p)
{
	free(p->job);
	*p = (struct plan)PLAN_INIT;
}
