/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/lib/chase.h"

/*
 * F is a keyed bijection on [0, n), and place F(j) is followed by place F(j + 1): one cycle through
 * all, as Sattolo's algorithm gives. But since F can be inverted, each place's successor can be
 * computed by itself: memory is filled in one sequential pass, and not by millions of random swaps,
 * which take seconds in an emulated guest. With four rounds neighbours on the cycle are as
 * unrelated as after a random shuffle; with three they are not.
 */
enum { ROUNDS = 4 };

struct cycle {
	uint64_t places, mask, key, times[ROUNDS], inverse[ROUNDS];
	int shift;
};

static void cycle_init(struct cycle *c, uint64_t places, uint64_t seed)
{
	int bits = 1;

	while (UINT64_C(1) << bits < places)
		bits++;
	*c = (struct cycle){.places = places, .mask = (UINT64_C(1) << bits) - 1};
	/* At least half of the bits: then x ^ x >> shift is its own inverse. */
	c->shift = (bits + 1) / 2;
	c->key = mix64(seed) & c->mask;
	for (int i = 0; i < ROUNDS; i++) {
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
		for (int i = 0; i < ROUNDS; i++) {
			x = x * c->times[i] & c->mask;
			x ^= x >> c->shift;
		}
	} while (x >= c->places);
	return x;
}

static uint64_t backward(const struct cycle *c, uint64_t x)
{
	do {
		for (int i = ROUNDS - 1; i >= 0; i--) {
			x ^= x >> c->shift;
			x = x * c->inverse[i] & c->mask;
		}
		x ^= c->key;
	} while (x >= c->places);
	return x;
}

/* Which place follows this one on the cycle. */
static uint64_t cycle_next(const struct cycle *c, uint64_t place)
{
	uint64_t step = backward(c, place) + 1;

	return forward(c, step < c->places ? step : 0);
}

static char *node(const struct chase *c, uint64_t i)
{
	uint64_t line = c->lines > 1 ? mix64(i) % c->lines : 0;

	return c->memory.at + i * c->stride + line * CHASE_LINE;
}

int chase_setup(struct chase *c, uint64_t bytes, struct chase_nodes nodes, uint64_t seed,
		struct err *err)
{
	struct cycle cycle;

	if (pages_map(&c->memory, bytes, nodes.pages, err) < 0)
		return -1;
	c->stride = nodes.stride;
	c->lines = nodes.lines;
	cycle_init(&cycle, nodes.count, seed);
	for (uint64_t i = 0; i < nodes.count; i++)
		*(char **)node(c, i) = node(c, cycle_next(&cycle, i));
	c->position = node(c, 0);
	return 0;
}

int chase_run(void *state, uint64_t n, struct err *err)
{
	struct chase *c = state;
	char *p = c->position;

	for (uint64_t i = 0; i < n; i++)
		p = *(char **)p;
	c->position = p;
	return 0;
}

uint64_t chase_digest(const void *state)
{
	const struct chase *c = state;

	return mix64((uint64_t)(c->position - c->memory.at) / c->stride);
}
