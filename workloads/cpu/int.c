/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures integer arithmetic without memory, calls or branches that could be mispredicted: shifts,
 * exclusive ors, additions and multiplications, each needing the result of the one before, so
 * neither a compiler nor a wide CPU can shorten the chain. Not measured: throughput of independent
 * operations, and anything that traps. Under hardware virtualization it must cost the same in every
 * layer; if it does not, the layer is emulated, throttled or shared.
 *
 * Source: lmbench lat_ops, which times chains of one operation each. It stands for the end of the
 * published picture where nesting is almost free.
 */
#include "workloads/lib/state.h"

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	*(uint64_t *)state = mix64(env->seed);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	uint64_t x = *(uint64_t *)state;

	for (uint64_t i = 0; i < n; i++)
		x = mix64(x);
	*(uint64_t *)state = x;
	return 0;
}

const struct workload workload_cpu_int = {
	.name = "cpu.int",
	.summary = "dependent integer arithmetic",
	.op = "one splitmix64 step (2 multiplications, 3 shifts, 4 additions or exclusive ors)",
	.source = "lmbench lat_ops (chains of one operation each)",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(uint64_t),
	.setup = setup,
	.run = run,
	.digest = state_number,
	.profiles[PROFILE_SMOKE] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x72c216a8ca21e981),
};
