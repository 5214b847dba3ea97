/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the plainest exit to user space: a guest halts, and since it has no interrupt controller
 * KVM does not wait for an interrupt but returns to this process, which enters the guest again. No
 * instruction is decoded and no device looked up, therefore exit.pio and exit.mmio less this are
 * what those cost. The VM is run by this layer, so the figure of a layer is what a guest one level
 * below it pays. Not measured: sleeping and waking up (sleep, cpu.futex).
 *
 * Source: the exit to user space and the entry that "mmio-no-eventfd" and "portio-no-eventfd" of
 * kvm-unit-tests x86/vmexit.c have in common; it has no test of this alone.
 */
#include "workloads/exit/kvm_guest.h"

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_probe(KVM_GUEST_HLT, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_open(state, KVM_GUEST_HLT, err);
}

const struct workload workload_exit_hlt = {
	.name = "exit.hlt",
	.summary = "a halt of a minimal guest run from this layer, handled in user space",
	.op = "one HLT, handed to the process and back",
	.source = "what kvm-unit-tests vmexit mmio-no-eventfd and portio-no-eventfd have in common",
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
