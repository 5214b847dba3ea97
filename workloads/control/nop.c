/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures nothing but the turn of a loop: the floor of the instrument. What another kernel shows
 * above this floor is its own. Under hardware virtualization every layer shows the same figure. Not
 * measured: what starting a batch and reading the clock cost, which are once for a batch.
 *
 * Source: fio's null engine, "to test itself"; libMicro nop.
 */
#include "workloads/workload.h"

struct state {
	uint64_t turns;
};

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	(void)err;
	for (uint64_t i = 0; i < n; i++)
		keep(i);
	s->turns += n;
	return 0;
}

static uint64_t digest(const void *state)
{
	return mix64(((const struct state *)state)->turns);
}

const struct workload workload_nop = {
	.name = "nop",
	.summary = "an empty loop: the floor of the instrument",
	.op = "one turn of the loop",
	.source = "fio's null engine, libMicro nop",
	.class = CLASS_CONTROL,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct state),
	.run = run,
	.digest = digest,
	.profiles = {[PROFILE_QUICK] = ITEMS(""),
		     [PROFILE_STANDARD] = ITEMS(""),
		     [PROFILE_FULL] = ITEMS("")},
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
