/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures entering the kernel and returning: getppid, which does next to nothing there, called
 * through syscall(2) so that no library can answer from a cache. Under hardware virtualization a
 * system call never leaves the guest; mitigations (KPTI, retpolines), which each layer's kernel
 * chooses for itself, are in it. Not measured: work in the kernel.
 *
 * Source: lmbench "null call", will-it-scale getppid1; PVM (SOSP 2023) table 2: getpid 0.22 us
 * in a VM, 0.23 us in a nested VM.
 */
#include <sys/syscall.h>
#include <unistd.h>

#include "workloads/lib/state.h"

static int run(void *state, uint64_t n, struct err *err)
{
	struct tally *t = state;
	uint64_t answered = 0;

	for (uint64_t i = 0; i < n; i++)
		answered += syscall(SYS_getppid) >= 0;
	t->done += answered;
	if (answered < n)
		return err_errno(err, EXIT_MACHINE,
				 "getppid failed, which only a sandbox can cause");
	return 0;
}

const struct workload workload_cpu_syscall = {
	.name = "cpu.syscall",
	.summary = "a system call that does nothing",
	.op = "one getppid",
	.source = "will-it-scale getppid1",
	.figure = "PVM (SOSP 2023) table 2: getpid 0.22 us in a VM, 0.23 us in a nested VM",
	.class = CLASS_CPU,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct tally),
	.run = run,
	.digest = tally_digest,
	.profiles[PROFILE_SMOKE] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
