/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which accelerators are tried for a VM, in which order, and with how many vCPUs: pure functions of
 * what was asked for and of what this layer offers.
 *
 * On the machine itself KVM comes first where it can be used, and QEMU's emulation (TCG) where it
 * cannot or where no VM boots with it. A layer that is emulated, or is a VM itself, does not fall
 * back to emulation when a VM does not boot with its KVM: emulation within emulation does not come
 * up in useful time, and would be another kind of layer than was asked for. There KVM is tried once
 * more.
 */
#ifndef NB_LADDER_H
#define NB_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/driver.h"
#include "drivers/host/kvm_host.h"
#include "drivers/libvirt/options.h"
#include "lib/buf.h"

enum { LADDER_STEPS = 2 };

struct ladder {
	enum accel accel[LADDER_STEPS];
	int count;
	struct buf reason; /* why it is these; for each one that did not boot, why not */
};

#define LADDER_NONE                                                                                \
	{                                                                                          \
		.reason = BUF_INIT                                                                 \
	}

/* emulated: this layer's own CPU is made by QEMU's emulation. EXIT_MACHINE when KVM alone was asked
 * for and cannot be used. The caller releases the reason. */
int ladder_choose(struct ladder *l, const struct layer_spec *c, enum accel asked,
		  const struct kvm_host *kvm, bool emulated, struct err *err);

/* Whether the CPU says that QEMU's emulation makes it. */
bool ladder_is_emulated(void);

/* The limit of the step number `step`. */
uint64_t ladder_limit_ns(const struct ladder *l, const struct layer_spec *c, int step);

/*
 * The vCPUs of the domain: all that are asked for, or the measured ones alone where the room beside
 * them would do harm. *why says why it is fewer; NULL: it is not.
 *
 * QEMU's emulation of SVM can deliver an interrupt twice when another vCPU kicks the one that runs
 * a VM, which loses that VM (doc/upstream/qemu-svm-smp.md), so that an emulated guest that hosts
 * others gets no vCPU beside the measured ones. Neither does a guest of a layer that has no CPU
 * beside them (host_cpus) itself.
 */
int ladder_vcpus(const struct layer_spec *c, enum accel accel, int host_cpus, const char **why);

/*
 * What is to be said of a guest that hosts others and is emulated by this QEMU ("7.2.22") with so
 * many vCPUs: versions before 8.1 can run text wrongly that the guest's kernel has patched, so that
 * it freezes or panics. False: nothing. An unknown version ("") is not warned of.
 */
bool ladder_warning(const char *qemu, int vcpus, char *text, size_t size);

#endif
