/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/plan/plan.h"

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

/* Which treatment of n has the place in the first row of Williams' square: 0, 1, n-1, 2, n-2, … */
static uint32_t williams(uint32_t place, uint32_t n)
{
	return place % 2 ? place / 2 + 1 : (n - place / 2) % n;
}

/* One group in one round: a row of its own square. scratch holds 2n numbers for n turns. */
static struct job *add_group(struct job *job, uint64_t seed, struct job where, uint32_t layers,
			     uint32_t group, uint32_t works, uint32_t *scratch)
{
	uint32_t n = layers * works, period = n % 2 ? 2 * n : n;
	uint32_t *label = scratch, *rows = scratch + n;
	/* A new square whenever the old one has been gone through. */
	struct rng r = rng_for(seed, where.boot, 2 + group, (where.round - 1) / period);
	uint32_t number = (where.round - 1) % period, row;

	shuffle(&r, label, n);
	shuffle(&r, rows, n);
	row = rows[number % n];
	for (uint32_t i = 0; i < n; i++) {
		/* With an odd number of turns every row is needed backwards too. */
		uint32_t place = number < n ? i : n - 1 - i;
		uint32_t turn = label[(williams(place, n) + row) % n];

		job[i] = where;
		job[i].slot += i + 1;
		job[i].layer = turn % layers;
		job[i].workload += turn / layers;
	}
	return job + n;
}

static uint32_t *first_works(const struct plan_turns *turns)
{
	uint32_t *first = calloc(turns->groups + 1, sizeof(*first));

	for (uint32_t g = 0; first && g < turns->groups; g++)
		first[g + 1] = first[g] + turns->group[g];
	return first;
}

int plan_add_round(struct plan *p, uint64_t seed, uint32_t boot, uint32_t round,
		   const struct plan_turns *turns, struct err *err)
{
	struct rng for_order = rng_for(seed, boot, 1, round);
	uint32_t *first = first_works(turns), *order = NULL, *scratch = NULL;
	size_t more = first ? (size_t)turns->layers * first[turns->groups] : 0;
	struct job *job = realloc(p->job, (p->jobs + more + 1) * sizeof(*job)), *next;
	int rc = 0;

	if (job)
		p->job = job;
	order = calloc(turns->groups + 1, sizeof(*order));
	scratch = calloc(2 * more + 1, sizeof(*scratch));
	if (!first || !job || !order || !scratch) {
		rc = err_set(err, EXIT_INTERNAL, "out of memory for a plan of %zu jobs",
			     p->jobs + more);
		goto cleanup;
	}
	/* The groups in random order. */
	shuffle(&for_order, order, turns->groups);
	next = job + p->jobs;
	for (uint32_t i = 0; i < turns->groups; i++) {
		struct job where = {.boot = boot, .round = round, .workload = first[order[i]]};

		where.slot = (uint32_t)(next - (job + p->jobs));
		next = add_group(next, seed, where, turns->layers, order[i], turns->group[order[i]],
				 scratch);
	}
	p->jobs += more;
cleanup:
	free(first);
	free(order);
	free(scratch);
	return rc;
}

void plan_release(struct plan *p)
{
	free(p->job);
	*p = (struct plan){0};
}
