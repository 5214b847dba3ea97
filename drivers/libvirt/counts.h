/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KVM's statistics of a VM as counters. QEMU (7.1 and later) reads them from KVM, libvirt (8.9 and
 * later) hands them on as typed parameters: "vcpu.0.exits.sum", "vm.remote_tlb_flush.sum".
 */
#ifndef NB_LIBVIRT_COUNTS_H
#define NB_LIBVIRT_COUNTS_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

#include "drivers/counts.h"

/*
 * Whether a statistic of this name is counted, and as what: those that are, by KVM on every
 * processor, of exits and of the memory behind the VM. Of the others, every one takes time to read.
 */
bool libvirt_counted(const char *name, enum count_source *source);

/* What libvirt has to be asked for. */
enum { LIBVIRT_COUNTED = VIR_DOMAIN_STATS_VCPU | VIR_DOMAIN_STATS_VM };

/*
 * Adds the counters of a record, each the sum over the vCPUs, `exits` first, and the pages that
 * hold now (COUNT_KVM_STATE). Times, maxima and other momentary values are left out. Where KVM
 * counts no exits of the VM, the remark says why.
 */
void libvirt_counts_of(virDomainStatsRecordPtr record, struct counts *out);

#endif
