/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the cheapest round trip to the hypervisor: CPUID, which Intel CPUs always trap in a VM
 * and which every hypervisor on AMD traps too, because it has to hide features. On bare metal it is
 * one slow serialising instruction; in L1 it is one exit; in L2 the exit goes to the hypervisor of
 * L0 first, which has to pass it on to the one in L1. Not measured: exits that need a device or an
 * interrupt. Under full emulation nothing traps: CPUID is then a helper function of the emulator.
 *
 * Source: kvm-unit-tests x86/vmexit.c "cpuid"; PVM (SOSP 2023) table 1: CPUID 0.54 us in a VM,
 * 7.10 us in a nested VM.
 */
#include "workloads/lib/cpuid.h"
#include "workloads/lib/state.h"

struct state {
	struct tally tally; /* of results equal to the first: the vendor does not change */
	uint32_t vendor;
};

/* Leaf 0 differs between layers, so its result is not in the digest. */
static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	struct state *s = state;

	s->vendor = cpuid_vendor();
	return 0;
}

static int run(void *state, uint64_t n, struct err *err)
{
	struct state *s = state;

	for (uint64_t i = 0; i < n; i++)
		s->tally.done += cpuid_vendor() == s->vendor;
	return 0;
}

const struct workload workload_exit_cpuid = {
	.name = "exit.cpuid",
	.summary = "CPUID, which traps in every VM whose CPU is not emulated",
	.op = "one CPUID, leaf 0",
	.source = "kvm-unit-tests vmexit cpuid",
	.figure = "PVM (SOSP 2023) table 1: CPUID 0.54 us in a VM, 7.10 us in a nested VM",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct state),
	.setup = setup,
	.run = run,
	.digest = tally_digest,
	.profiles[PROFILE_SMOKE] = ITEMS(""),
	.profiles[PROFILE_KINDS] = ITEMS(""),
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
