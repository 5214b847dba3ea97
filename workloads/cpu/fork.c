/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the lifetime of a process: fork, a child that exits at once, wait. The page tables of
 * the parent, a small static program, are copied and its pages made read-only; then both sides
 * fault and copy. With shadow page tables each of these is an exit, with nested paging none.
 *
 * Not measured: fork of a large process (the work grows with its page tables); the C library's own
 * part of fork() (its locks, the handlers of pthread_atfork()), which writes, and so copies, three
 * more pages in the child: _Fork() leaves it out.
 *
 * Source: lmbench lat_proc fork, stress-ng --fork.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "workloads/lib/state.h"

/* The children's exit code. */
enum { WORD = 42 };

static int run(void *state, uint64_t n, struct err *err)
{
	struct tally *t = state;
	uint64_t kept_word = 0; /* on the stack, whose page is copied in any case */

	for (uint64_t i = 0; i < n; i++) {
		int status = 0;
		pid_t child = _Fork();

		if (child < 0)
			return err_errno(err, EXIT_MACHINE, "cannot fork");
		if (child == 0)
			_exit(WORD);
		while (waitpid(child, &status, 0) < 0)
			if (errno != EINTR)
				return err_errno(err, EXIT_MACHINE, "cannot wait for a child");
		kept_word += WIFEXITED(status) && WEXITSTATUS(status) == WORD;
	}
	t->done += kept_word;
	return 0;
}

const struct workload workload_cpu_fork = {
	.name = "cpu.fork",
	.summary = "starting a process and waiting for its end",
	.op = "one fork, exit and wait",
	.source = "lmbench lat_proc fork, stress-ng --fork",
	.figure = "PVM (SOSP 2023) table 3 (lmbench): 82 us in a VM, 113 us in a nested VM; in 32 "
		  "containers at once 514 us and 813 us",
	.class = CLASS_CPU,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct tally),
	.run = run,
	.digest = tally_digest,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
