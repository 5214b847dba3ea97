/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the exit of a memory-mapped device: a guest writes to an address without memory; the
 * nested page tables (or the shadow ones) miss, KVM decodes the instruction and returns to this
 * process, which enters the guest again. What most device emulation costs. The VM is run by this
 * layer, so the figure of a layer is what a guest one level below it pays. Not measured: a device's
 * own work; ioeventfd, which spares the way to user space.
 *
 * Source: kvm-unit-tests x86/vmexit.c "mmio-no-eventfd"; DVH (ASPLOS 2020) table 3: device notify.
 */
#include "workloads/exit/kvm_guest.h"

static int probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_probe(KVM_GUEST_MMIO, err);
}

static int setup(void *state, const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	(void)env;
	(void)arg;
	return kvm_guest_open(state, KVM_GUEST_MMIO, err);
}

const struct workload workload_exit_mmio = {
	.name = "exit.mmio",
	.summary = "a device access of a minimal guest run from this layer, handled in user space",
	.op = "one write to where no memory is, handed to the process and back",
	.source = "kvm-unit-tests vmexit mmio-no-eventfd",
	.figure = "DVH (ASPLOS 2020) table 3: device notify 4,984 / 48,390 / 1,008,935 cycles in "
		  "L1 / L2 / L3 (here the rows of L0 / L1 / L2)",
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
