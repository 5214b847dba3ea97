/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A clock is passed in, never global, so that calibration and schedules are tested with a scripted
 * one.
 */
#ifndef NB_CLOCK_H
#define NB_CLOCK_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

struct clock {
	uint64_t (*now_ns)(void *ctx); /* never decreases */
	void *ctx;
};

/* CLOCK_MONOTONIC_RAW: not slewed by NTP, so that two layers' rates can be compared. */
extern const struct clock clock_machine;

static inline uint64_t clock_now(const struct clock *c)
{
	return c->now_ns(c->ctx);
}

struct clock_quality {
	uint64_t resolution_ns; /* smallest step that was seen */
	uint64_t cost_ns;	/* mean cost of one reading, at least 1 */
};

/* Reads the clock a few thousand times. Always terminates, also on a clock that stands still. */
struct clock_quality clock_measure(const struct clock *c);

#endif
