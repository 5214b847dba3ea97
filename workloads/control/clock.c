/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures what one reading of the clock costs, the clock that times all other kernels. Where the
 * layer's clock source can be read from user space (tsc, kvm-clock) that is some 20 ns; where it
 * cannot (hpet, acpi_pm) a reading is a system call and, in a VM, an exit. Not measured: the
 * accuracy of the clock.
 *
 * Source: libMicro clock_gettime.
 */
#include "lib/clock.h"
#include "workloads/lib/state.h"

struct state {
	struct tally tally; /* of readings that did not go backwards */
	uint64_t last;
};

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t now = clock_now(&clock_machine);

		s->tally.done += now >= s->last;
		s->last = now;
	}
	return 0;
}

const struct workload workload_clock = {
	.name = "clock",
	.summary = "the cost of reading the clock",
	.op = "one clock_gettime(CLOCK_MONOTONIC_RAW)",
	.source = "libMicro clock_gettime",
	.class = CLASS_CONTROL,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct state),
	.run = run,
	.digest = tally_digest,
	.profiles[PROFILE_QUICK] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
