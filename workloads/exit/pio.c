/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the exit of an emulated device: a guest writes to an I/O port that nobody in the kernel
 * answers for, KVM_RUN returns to this process, which enters the guest again. What a serial port, a
 * BIOS disk or a legacy virtio doorbell without ioeventfd costs. The VM is run by this layer, so
 * the figure of a layer is what a guest one level below it pays. Not measured: a device's own work.
 *
 * Source: kvm-unit-tests x86/vmexit.c "portio-no-eventfd" and, reading, "inl_from_qemu"; PVM (SOSP
 * 2023) table 1: PIO.
 */
#include "workloads/exit/kvm_guest.h"

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_probe(KVM_GUEST_PIO, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_open(state, KVM_GUEST_PIO, err);
}

const struct workload workload_exit_pio = {
	.name = "exit.pio",
	.summary = "a port write of a minimal guest run from this layer, handled in user space",
	.op = "one OUT, handed to the process and back",
	.source = "kvm-unit-tests vmexit portio-no-eventfd and, reading, inl_from_qemu",
	.figure = "PVM (SOSP 2023) table 1: PIO 3.79 us in a VM (here the row of L0), 29.34 us in "
		  "a nested VM (the row of L1)",
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
