/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A virtual machine of a few instructions, run through /dev/kvm without any library, that does
 * nothing but leave the guest, in one way, again and again: what running one more VM from this
 * layer would cost. It runs in long mode on 2 MiB of identity-mapped addresses, so that neither
 * real-mode emulation nor a firmware is measured.
 */
#ifndef NB_KVM_GUEST_H
#define NB_KVM_GUEST_H

#include "workloads/lib/state.h"

/* The kind of exit; the variant of a workload. */
enum kvm_exit {
	KVM_GUEST_HYPERCALL, /* answered by KVM in the kernel */
	KVM_GUEST_PIO,	     /* an OUT, handed to this process */
	KVM_GUEST_MMIO,	     /* a write to where no memory is, handed to this process */
	KVM_GUEST_HLT, /* a HLT, handed to this process, since there is no interrupt controller */
};

/* Zeroed: nothing is open. */
struct kvm_guest {
	struct tally tally; /* of exits of the right kind */
	enum kvm_exit kind;
	int vm, vcpu;		/* 0: none */
	void *memory;		/* NULL: none */
	struct kvm_run *shared; /* NULL: none */
	size_t shared_bytes;
};

/*
 * Does it work here? Decided by trying it, in a child process and for at most 10 s: /dev/kvm may
 * exist and be useless; or a software hypervisor without hardware support, which boots no stock
 * kernel, may run these few instructions, or some of them. -1: the reason.
 */
int kvm_guest_probe(const struct workload_env *env, const uint64_t *arg, struct err *err);
int kvm_guest_setup(void *state, const struct workload_env *env, const uint64_t *arg,
		    struct err *err);
int kvm_guest_run(void *state, uint64_t n, struct err *err);
void kvm_guest_teardown(void *state);

/* What their descriptors share. */
#define KVM_GUEST_WORKLOAD(exit)                                                                   \
	.class = CLASS_EXIT, .traits = SAMPLE_LATENCY, .flags = WORKLOAD_THREADS,                  \
	.variant = (exit), .state_size = sizeof(struct kvm_guest), .probe = kvm_guest_probe,       \
	.setup = kvm_guest_setup, .run = kvm_guest_run, .digest = tally_digest,                    \
	.teardown = kvm_guest_teardown, .profiles[PROFILE_STANDARD] = ITEMS(""),                   \
	.known_ops = 1000, .known_digest = UINT64_C(0x3c1eba8b4dccc148)

#endif
