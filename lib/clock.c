/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/clock.h"

#include <time.h>

enum { READINGS = 2000 };

static uint64_t machine_now(void *ctx)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

const struct clock clock_machine = {.now_ns = machine_now};

struct clock_quality clock_measure(const struct clock *c)
{
	uint64_t first = clock_now(c), last = first, step = UINT64_MAX;

	for (int i = 0; i < READINGS; i++) {
		uint64_t now = clock_now(c);

		if (now > last && now - last < step)
			step = now - last;
		last = now;
	}
	return (struct clock_quality){
		.resolution_ns = step == UINT64_MAX ? 1 : step,
		.cost_ns = last - first >= READINGS ? (last - first) / READINGS : 1,
	};
}
