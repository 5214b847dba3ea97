/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a VM makes its host do: KVM's statistics, from debugfs where that can be read, else
 * through libvirt, and exits by reason (exit_trace.h). A QEMU that does not answer is given up
 * after a moment, and not asked again: the agent must stay able to answer.
 */
#ifndef NB_LIBVIRT_COUNT_H
#define NB_LIBVIRT_COUNT_H

#include "drivers/counts.h"
#include "drivers/libvirt/exit_trace.h"
#include "drivers/libvirt/guest.h"
#include "drivers/libvirt/kvm_debugfs.h"

struct libvirt_counting {
	struct kvm_debugfs *debugfs; /* NULL: not tried yet, or it cannot be read */
	bool tried;
	struct exit_trace *trace;
	char no_trace[COUNTS_REMARK]; /* why there is none; "" before it was tried */
};

/* As count in struct driver; emulated: a VM whose CPU QEMU makes itself, which has no exits. */
void libvirt_count(struct libvirt_counting *c, struct libvirt_guest *g, bool emulated,
		   enum counting how, struct counts *out);

/* Whether a thread of QEMU runs a vCPU, by its name, "CPU 0/KVM". */
bool libvirt_runs_cpu(const char *comm);

/* Ends what was begun. */
void libvirt_count_end(struct libvirt_counting *c);

#endif
