/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/cycle.h"

#include "workloads/workload.h"

void cycle_init(struct cycle *c, uint64_t places, uint64_t seed)
{
	int bits = 1;

	while (UINT64_C(1) << bits < places)
		bits++;
	*c = (struct cycle){.places = places, .mask = (UINT64_C(1) << bits) - 1};
	/* At least half of the bits: then x ^ x >> shift undoes itself. */
	c->shift = (bits + 1) / 2;
	c->key = mix64(seed) & c->mask;
	for (int i = 0; i < CYCLE_ROUNDS; i++) {
		uint64_t odd = mix64(c->key + (uint64_t)i + 1) | 1, inverse = odd;

		/* Newton's iteration doubles the number of right bits, from 3, each time. */
		for (int k = 0; k < 5; k++)
			inverse *= 2 - odd * inverse;
		c->times[i] = odd;
		c->inverse[i] = inverse;
	}
}

/* Steps that leave the range are repeated until they are back: still a bijection on [0, places). */
static uint64_t forward(const struct cycle *c, uint64_t x)
{
	do {
		x ^= c->key;
		for (int i = 0; i < CYCLE_ROUNDS; i++) {
			x = x * c->times[i] & c->mask;
			x ^= x >> c->shift;
		}
	} while (x >= c->places);
	return x;
}

static uint64_t backward(const struct cycle *c, uint64_t x)
{
	do {
		for (int i = CYCLE_ROUNDS - 1; i >= 0; i--) {
			x ^= x >> c->shift;
			x = x * c->inverse[i] & c->mask;
		}
		x ^= c->key;
	} while (x >= c->places);
	return x;
}

uint64_t cycle_next(const struct cycle *c, uint64_t place)
{
	uint64_t step = backward(c, place) + 1;

	return forward(c, step < c->places ? step : 0);
}
