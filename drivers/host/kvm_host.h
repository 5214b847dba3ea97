/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hypervisor below this layer, and what the layer offers for running VMs with KVM, as far as it
 * is known without booting one. */
#ifndef NB_KVM_HOST_H
#define NB_KVM_HOST_H

#include <stdbool.h>
#include <stddef.h>

enum { HYPERVISOR_NAME = 13 };

/* The hypervisor's CPUID signature, "KVMKVMKVM"; "" when it has none. False: the CPU shows no
 * hypervisor; name is unchanged then. */
bool hypervisor_read(char name[HYPERVISOR_NAME]);

struct kvm_host {
	const char *flag; /* "svm" or "vmx" as the CPU shows it; NULL: neither */
	const char *
		module; /* the module that uses it, "kvm_amd" or "kvm_intel"; NULL without a flag */
	const char
		*paging_name; /* its parameter for nested paging, "npt" or "ept"; NULL likewise */
	char paging[16];      /* that parameter's value ("1", "Y", "0", "N"); "" unknown */
	char nested[16];      /* the value of its parameter nested; "" unknown */
	bool nested_on;
	bool exists; /* /dev/kvm exists */
	bool opens;  /* and this process may open it for reading and writing */
};

/* root is put in front of /proc, /sys and /dev: "" for this machine. */
void kvm_host_read(const char *root, struct kvm_host *k);

/*
 * Should a layer with `below` nested layers be booted with KVM? A /dev/kvm without svm or vmx is
 * not trusted (software hypervisors offer one that boots no stock kernel in useful time). False
 * fills why with what is missing and how to get it.
 */
bool kvm_host_usable(const struct kvm_host *k, int below, char *why, size_t size);

#endif
