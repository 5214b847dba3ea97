/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A virtual machine of a few instructions, run through /dev/kvm without any library, that does
 * nothing but leave the guest, in one way, again and again: what running one more VM from this
 * layer would cost. It runs in long mode on 2 MiB of identity-mapped addresses, so that neither
 * real-mode emulation nor a firmware is measured.
 */
#ifndef NB_KVM_GUEST_H
#define NB_KVM_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "workloads/workload.h"

enum kvm_exit {
	KVM_GUEST_HYPERCALL, /* answered by KVM in the kernel */
	KVM_GUEST_PIO,	     /* an OUT, handed to this process */
	KVM_GUEST_MMIO,	     /* a write to where no memory is, handed to this process */
	KVM_GUEST_HLT, /* a HLT, handed to this process, since there is no interrupt controller */
};

/* The state of the exit kernels. Zeroed: nothing is open. */
struct kvm_guest {
	enum kvm_exit kind;
	int vm, vcpu;		/* 0: none */
	void *memory;		/* NULL: none */
	struct kvm_run *shared; /* NULL: none */
	size_t shared_bytes;
	uint64_t exits; /* those seen, of the right kind */
};

/* Makes the machine; kvm_guest_close() afterwards also when it fails. */
int kvm_guest_open(struct kvm_guest *g, enum kvm_exit kind, struct err *err);

/* Lets the guest leave n times. */
int kvm_guest_run(struct kvm_guest *g, uint64_t n, struct err *err);

void kvm_guest_close(struct kvm_guest *g);

/*
 * Does it work here? Decided by trying it, in a child process and for at most 10 s: /dev/kvm may be
 * there and useless; or a software hypervisor without hardware behind it, which boots no stock
 * kernel, may do well with these few instructions, or with some of them. -1: the reason.
 */
int kvm_guest_probe(enum kvm_exit kind, struct err *err);

/* The functions that the exit kernels share. */
int kvm_guest_run_ops(void *state, uint64_t n, struct err *err);
uint64_t kvm_guest_digest(const void *state);
void kvm_guest_teardown(void *state);

#endif
