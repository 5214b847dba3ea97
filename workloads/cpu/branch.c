/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures branches that cannot be predicted: each of 64 bits of a fresh pseudo-random number
 * decides a conditional jump, half of which are mispredicted. The cost of a misprediction depends
 * on the pipeline, so under hardware virtualization every layer shows the same figure; an emulator,
 * which translates blocks and chains them, shows another. Not measured: indirect jumps and calls,
 * for which mitigations (retpolines) matter.
 *
 * A compiler barrier in both arms keeps the branch from becoming a conditional move.
 *
 * Source: the loop over an array that runs faster once the array is sorted; stress-ng --branch,
 * which jumps to one of 1024 places at random.
 */
#include "workloads/workload.h"

struct state {
	uint64_t number, taken, passed;
};

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	((struct state *)state)->number = mix64(env->seed);
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;
	uint64_t number = s->number, taken = s->taken, passed = s->passed;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t bits = number = mix64(number);

		for (int k = 0; k < 64; k++, bits >>= 1) {
			if (bits & 1) {
				taken += bits;
				__asm__ volatile("" : "+r"(taken));
			} else {
				passed ^= bits;
				__asm__ volatile("" : "+r"(passed));
			}
		}
	}
	s->number = number;
	s->taken = taken;
	s->passed = passed;
	return 0;
}

static uint64_t digest(const void *state)
{
	const struct state *s = state;

	return mix64(s->number ^ mix64(s->taken ^ mix64(s->passed)));
}

const struct workload workload_cpu_branch = {
	.name = "cpu.branch",
	.summary = "conditional branches that cannot be predicted",
	.op = "64 branches, each taken or not at random",
	.source = "stress-ng --branch (jumps to random places)",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = digest,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0xc03cb115c1ef512d),
};
