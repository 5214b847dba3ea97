/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures reading a model-specific register that hypervisors do not pass through: RDMSR of
 * IA32_APIC_BASE, which KVM traps on both vendors' CPUs; timers, interrupts and their ends are
 * mostly accesses to such registers. The kernel's driver reads it (/dev/cpu/N/msr, for root), so a
 * system call is in it, which costs next to nothing beside an exit. Not measured: registers that
 * are passed through; writing one, of which none has no effect.
 *
 * Source: kvm-unit-tests x86/vmexit.c "rd_tsc_adjust_msr"; PVM (SOSP 2023) table 1: MSR 0.87 us in
 * a VM, 8.18 us in a nested VM (PERF_GLOBAL_CTRL).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>

#include "lib/affinity.h"
#include "workloads/lib/peek.h"

/* Of the CPU that this process is on, where it stays: another one would have to be interrupted. */
static int open_msr(struct err *err)
{
	int cpu = sched_getcpu(), fd;
	char path[64];

	snprintf(path, sizeof(path), "/dev/cpu/%d/msr", cpu);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return err_set(err, EXIT_MACHINE,
			       "%s may be read by root only, whose kernel is not locked down",
			       path);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot open %s (the module is msr)", path);
	(void)affinity_pin(cpu);
	return fd;
}

static const struct peek_place apic_base = {
	.open = open_msr, .size = 8, .offset = 0x1b, .what = "the register IA32_APIC_BASE (0x1b)"};

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return peek_probe(&apic_base, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	return peek_setup(state, &apic_base, err);
}

const struct workload workload_exit_msr = {
	.name = "exit.msr",
	.summary = "RDMSR of a register that hypervisors trap",
	.op = "one RDMSR of IA32_APIC_BASE, by the kernel's driver",
	.source = "kvm-unit-tests vmexit rd_tsc_adjust_msr",
	.figure = "PVM (SOSP 2023) table 1: MSR 0.87 us in a VM, 8.18 us in a nested VM",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.module = "msr",
	.state_size = sizeof(struct peek),
	.probe = probe,
	.setup = setup,
	.run = peek_run,
	.digest = tally_digest,
	.teardown = peek_teardown,
	.profiles[PROFILE_STANDARD] = ITEMS(""),
	.known_ops = 100,
	.known_digest = UINT64_C(0x23259b94f13cf544),
};
