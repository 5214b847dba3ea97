/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the shortest way out of a VM and back: a hypercall that does nothing, which KVM answers
 * in the kernel. The VM is run by this layer, so the figure of a layer is what a guest one level
 * below it pays: at L0 what the papers call a VM (L1), in L1 what they call a nested VM (L2). A
 * skip row where the layer cannot run the guest. Not measured: exits to user space.
 *
 * Source: kvm-unit-tests x86/vmexit.c "vmcall"; PVM (SOSP 2023) table 1, DVH (ASPLOS 2020) table 3.
 */
#include "workloads/exit/kvm_guest.h"

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_probe(KVM_GUEST_HYPERCALL, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_open(state, KVM_GUEST_HYPERCALL, err);
}

const struct workload workload_exit_hypercall = {
	.name = "exit.hypercall",
	.summary = "a hypercall of a minimal guest run from this layer",
	.op = "one hypercall that does nothing, answered in the kernel",
	.source = "kvm-unit-tests vmexit vmcall",
	.figure = "PVM (SOSP 2023) table 1: hypercall 0.46 us in a VM (here the row of L0), 7.43 "
		  "us in a nested VM (the row of L1); DVH (ASPLOS 2020) table 3: 1,575 / 37,733 / "
		  "857,578 cycles in L1 / L2 / L3 (rows of L0 / L1 / L2)",
	.class = CLASS_EXIT,
	.traits = SAMPLE_LATENCY,
	.flags = WORKLOAD_THREADS,
	.state_size = sizeof(struct kvm_guest),
	.probe = probe,
	.setup = setup,
	.run = kvm_guest_run_ops,
	.digest = kvm_guest_digest,
	.teardown = kvm_guest_teardown,
	.profiles = {[PROFILE_STANDARD] = ITEMS(""), [PROFILE_FULL] = ITEMS("")},
	.known_ops = 1000,
	.known_digest = UINT64_C(0x3c1eba8b4dccc148),
};
