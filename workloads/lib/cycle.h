/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One cycle through all of n places in random order, for pointer chases. F is a keyed bijection on
 * [0, n), and place F(j) is followed by place F(j + 1): one cycle through all, as Sattolo's
 * algorithm gives. But since F can be inverted, each place's successor can be computed by itself:
 * memory is filled in one sequential pass, and not by millions of random swaps, which take seconds
 * in an emulated guest.
 */
#ifndef NB_CYCLE_H
#define NB_CYCLE_H

#include <stdint.h>

/* With four rounds neighbours on the cycle are as unrelated as after a random shuffle; with three
 * not. */
enum { CYCLE_ROUNDS = 4 };

struct cycle {
	uint64_t places, mask, key, times[CYCLE_ROUNDS], inverse[CYCLE_ROUNDS];
	int shift;
};

void cycle_init(struct cycle *c, uint64_t places, uint64_t seed); /* at least 1 place */

/* Which place follows `place` on the cycle. */
uint64_t cycle_next(const struct cycle *c, uint64_t place);

#endif
