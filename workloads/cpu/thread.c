/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the lifetime of a thread: pthread_create, a function that counts one up, pthread_join.
 * The C library keeps the stacks of threads that have ended, so from the second operation on it is
 * clone, a wake-up, some small system calls of the library (signal masks, rseq, and the madvise
 * that gives back what a stack used beyond its first pages), an exit and a futex; hardly any fresh
 * memory. The threads may run on any CPU the process has. Not measured: the first touch of a fresh
 * stack (mem.fault).
 *
 * Source: libMicro pthread_create, stress-ng --pthread.
 */
#include <pthread.h>

#include "workloads/lib/state.h"

static void *live(void *arg)
{
	((struct tally *)arg)->done++;
	return NULL;
}

static int run(void *state, uint64_t n, struct err *err)
{
	for (uint64_t i = 0; i < n; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, live, state) != 0)
			return err_set(err, EXIT_MACHINE, "cannot start a thread");
		pthread_join(thread, NULL);
	}
	return 0;
}

const struct workload workload_cpu_thread = {
	.name = "cpu.thread",
	.summary = "starting a thread and waiting for its end",
	.op = "one pthread_create and pthread_join",
	.source = "libMicro pthread_create, stress-ng --pthread",
	.class = CLASS_CPU,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct tally),
	.run = run,
	.digest = tally_digest,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
