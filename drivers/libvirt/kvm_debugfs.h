/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * KVM's statistics of a VM as root finds them in debugfs (kvm/PID-FD/): the same ones that QEMU
 * is asked for (counts.h), read in a fraction of the time, and without QEMU.
 *
 * Source: the kernel's virt/kvm/kvm_main.c (names, and sums over the vCPUs).
 */
#ifndef NB_KVM_DEBUGFS_H
#define NB_KVM_DEBUGFS_H

#include <stdbool.h>
#include <sys/types.h>

#include "drivers/counts.h"

struct kvm_debugfs;

/* root is put in front of /sys/kernel/debug: "" for this machine. NULL: nothing can be read there
 * of a VM of that process. */
struct kvm_debugfs *kvm_debugfs_open(const char *root, pid_t pid);

/* Adds the counters, `exits` first. False: the VM is gone. */
bool kvm_debugfs_read(const struct kvm_debugfs *d, struct counts *out);

/* Its exits so far; 0 where the VM is gone. */
uint64_t kvm_debugfs_exits(const struct kvm_debugfs *d);

void kvm_debugfs_close(struct kvm_debugfs *d); /* NULL is fine */

#endif
