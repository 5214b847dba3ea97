/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures nothing but one iteration of a loop: the floor of the instrument. What another kernel
 * costs above this floor is its own. Under hardware virtualization every layer shows the same
 * figure. Not measured: the cost of starting a batch and reading the clock, which is paid once a
 * batch.
 *
 * Source: fio's null engine, "to test itself"; libMicro nop.
 */
#include "workloads/lib/state.h"

static int run(void *state, uint64_t n, struct err *err)
{
	struct tally *t = state;

	for (uint64_t i = 0; i < n; i++)
		keep(i);
	t->done += n;
	return 0;
}

const struct workload workload_nop = {
	.name = "nop",
	.summary = "an empty loop: the floor of the instrument",
	.op = "one iteration of the loop",
	.source = "fio's null engine, libMicro nop",
	.class = CLASS_CONTROL,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct tally),
	.run = run,
	.digest = tally_digest,
	.profiles[PROFILE_SMOKE] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
