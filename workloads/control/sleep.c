/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures how late a timer wakes a sleeper: clock_nanosleep until `period` from now, then how far
 * beyond that it is. The requested time is subtracted from the elapsed time (wait_ns_per_op), so
 * time per operation is the mean latency alone. Each batch also has its median, 99th percentile and
 * maximum. In a VM programming the timer, halting and the interrupt are exits; in a nested one each
 * goes through two hypervisors. Idle states of the CPU, halt polling and the resolution of the
 * layer's timers (hpet, lapic, jiffies) are included on purpose; the kernel's timer slack for
 * ordinary threads (50 us) is switched off.
 *
 * As an exception to the contract it reads the clock for each operation, since the deadline must be
 * known; that one reading is in the latency. Durations are counted in classes 1/16 apart, to whose
 * upper end the percentiles are rounded. Not measured: latency under load, for which cyclictest is
 * mostly used; here the rest of the layer is idle.
 *
 * Source: cyclictest (rt-tests).
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "lib/clock.h"
#include "workloads/lib/state.h"

/* Each power of two is split into SPLIT classes; below SPLIT ns each value is a class. */
enum { SPLIT_BITS = 4, SPLIT = 1 << SPLIT_BITS, CLASSES = SPLIT * 61 };

struct state {
	struct tally tally;
	uint64_t period_ns;
	int slack; /* as it was; 0: not changed */
	uint64_t batch, max_ns, count[CLASSES];
};

enum { PERIOD };
static const struct param params[] = {
	[PERIOD] = {"period", PARAM_COUNT, 50, 1, 1000000,
		    .help = "how long each sleep shall be, in us"},
	{0},
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint32_t class_of(uint64_t ns)
{
	int shift;

	if (ns < SPLIT)
		return (uint32_t)ns;
	shift = 63 - __builtin_clzll(ns) - SPLIT_BITS;
	return (uint32_t)(((uint64_t)shift << SPLIT_BITS) + (ns >> shift));
}

/* The longest duration of a class. */
static uint64_t class_end(uint32_t class)
{
	uint32_t shift = class < SPLIT ? 0 : (class >> SPLIT_BITS) - 1;

	return (((uint64_t) class - ((uint64_t)shift << SPLIT_BITS) + 1) << shift) - 1;
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;
	int slack = prctl(PR_GET_TIMERSLACK);

	s->period_ns = arg[PERIOD] * NS_PER_US;
	if (slack > 0 && prctl(PR_SET_TIMERSLACK, 1UL) == 0)
		s->slack = slack;
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	memset(s->count, 0, sizeof(s->count));
	s->batch = n;
	s->max_ns = 0;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t deadline = now_ns() + s->period_ns, late;
		struct timespec until = {.tv_sec = (time_t)(deadline / NS_PER_S),
					 .tv_nsec = (long)(deadline % NS_PER_S)};
		int failed;

		do
			failed = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		while (failed == EINTR);
		late = now_ns();
		if (failed)
			return err_set(err, EXIT_MACHINE, "clock_nanosleep failed: %s",
				       strerror(failed));
		if (late < deadline)
			return err_set(err, EXIT_MACHINE,
				       "clock_nanosleep came back %" PRIu64 " ns too early",
				       deadline - late);
		late -= deadline;
		s->count[class_of(late)]++;
		if (late > s->max_ns)
			s->max_ns = late;
		s->tally.done++;
	}
	return 0;
}

/* The least duration that `percent` of the batch does not exceed. */
static uint64_t percentile(const struct state *s, uint64_t percent)
{
	uint64_t below = 0;

	for (uint32_t class = 0; class < CLASSES; class ++) {
		below += s->count[class];
		if (below * 100 >= s->batch * percent)
			return class_end(class) < s->max_ns ? class_end(class) : s->max_ns;
	}
	return s->max_ns;
}

static struct sample_latency latency(const void *state)
{
	const struct state *s = state;

	return (struct sample_latency){percentile(s, 50), percentile(s, 99), s->max_ns};
}

static void teardown(void *state)
{
	struct state *s = state;

	if (s->slack)
		prctl(PR_SET_TIMERSLACK, (unsigned long)s->slack);
	s->slack = 0;
}

static uint64_t wait_ns_per_op(const uint64_t *arg)
{
	return arg[PERIOD] * NS_PER_US;
}

const struct workload workload_sleep = {
	.name = "sleep",
	.summary = "how late a timer wakes a sleeper",
	.op = "one sleep of `period`, less the period: how late it ended; the mean, and in each "
	      "row the median, 99th percentile and maximum",
	.source = "cyclictest",
	.figure = "DVH (ASPLOS 2020) table 3: program timer 2,005 / 43,359 / 1,033,946 cycles in "
		  "L1 / L2 / L3, which is a part of it",
	.class = CLASS_CONTROL,
	.traits = SAMPLE_LATENCY,
	.params = params,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.teardown = teardown,
	.wait_ns_per_op = wait_ns_per_op,
	.latency = latency,
	.profiles[PROFILE_STANDARD] = ITEMS("", "period=1000"),
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
