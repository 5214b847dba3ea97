/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures how many CPUs are really there: one thread on each CPU of the layer (or as many as
 * `threads` says), all doing the same independent integer work; time per operation is that of all
 * threads together, so it halves where a second CPU is real, and does not where it is only shown:
 * two vCPUs on one core, a CPU quota, hyper-threads. A batch ends with its slowest thread. Compare
 * with the same work by one thread (cpu.scale with threads=1).
 *
 * Every operation is the same chain from the same start, whatever the seed, and the digest a plain
 * sum: layers with different numbers of CPUs do the same work to the same digest. Not measured:
 * what the CPUs share (memory: mem.stream with threads=N) and how they communicate (cpu.futex).
 *
 * Source: will-it-scale's way of adding one task for each CPU; sysbench cpu --threads.
 */
#include "workloads/lib/state.h"

enum { STEPS = 100 };

static int run(void *state, uint64_t n, struct err *err)
{
	uint64_t sum = *(uint64_t *)state;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t x = 1;

		/* The compiler must not see that every iteration has the same result. */
		__asm__ volatile("" : "+r"(x));
		for (int k = 0; k < STEPS; k++)
			x = mix64(x);
		sum += x;
	}
	*(uint64_t *)state = sum;
	return 0;
}

const struct workload workload_cpu_scale = {
	.name = "cpu.scale",
	.summary = "integer work on every CPU at once: how many are really there",
	.op = "100 splitmix64 steps by one of the threads; time is that of all together",
	.source = "sysbench cpu --threads=N, will-it-scale",
	.class = CLASS_CPU,
	.flags = WORKLOAD_THREADS | WORKLOAD_EVERY_CPU,
	.state_size = sizeof(uint64_t),
	.run = run,
	.digest = state_number,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_FULL] = ITEMS("", "threads=1"),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x78c81b190ea51360),
};
