/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rounds that were disturbed, as layers.csv tells of them. Facts of a layer:
 *
 * - round.N.noise: what disturbed it there, in one line (bench/session/disturbance.h). One fact,
 * not one for each counter: a run of thousands of rounds keeps its layers.csv readable in no time.
 * - round.N.disturbed (of L0): the round was disturbed beyond the limit, and why.
 * - round.N.repeats (of L0): the number of the round that this one repeats.
 *
 * They tell of a time and not of the environment; comparisons of environments leave them out.
 */
#ifndef NB_DISTURBED_H
#define NB_DISTURBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/rundir/layers.h"

#define DISTURBED_NOISE "noise"
#define DISTURBED_WHY "disturbed"
#define DISTURBED_REPEATS "repeats"

/* "round.3.noise". Returns key. */
enum { DISTURBED_KEY = 40 };
const char *disturbed_key(char key[DISTURBED_KEY], uint32_t round, const char *what);

/* Whether a key is of this kind, whatever follows the number. */
bool disturbed_is_key(const char *key);

struct disturbed_round {
	uint32_t boot, round;
	char *why;
};

/* The disturbed rounds of a run, sorted by boot and round. Zeroed: none. */
struct disturbed_rounds {
	struct disturbed_round *item;
	size_t count;
};

int disturbed_list(const struct layers *layers, struct disturbed_rounds *out, struct err *err);
const char *disturbed_why(const struct disturbed_rounds *d, uint32_t boot,
			  uint32_t round); /* or NULL */
void disturbed_release(struct disturbed_rounds *d);

#endif
