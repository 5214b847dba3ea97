/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer's VM as libvirt's domain XML: a pure function, text out for values in.
 */
#ifndef NB_DOMAIN_XML_H
#define NB_DOMAIN_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/driver.h"
#include "drivers/libvirt/options.h"
#include "lib/err.h"

/* The virtio port through which a VM's agent is reached; the image's init looks for it. */
#define LAYER_PORT "org.nestbench.0"

/* What a CPU that is emulated whole does not show: moving memory byte by byte is the fastest way of
 * the CPUs that have it, and kernels and C libraries choose it there; emulated, it takes five times
 * as long as word by word. */
#define CPU_WITHOUT "erms"

/* A disk image file or a block device that is handed to the guest. */
struct domain_disk {
	const char *path; /* NULL: no such disk */
	bool block;	  /* path is a block device */
	bool direct;	  /* cache=none and io=native: path supports O_DIRECT */
	bool shared;	  /* other VMs write to it too: QEMU must not lock it */
};

struct domain_config {
	const char *name;
	const char *emulator; /* NULL: the one that libvirt finds */
	enum accel accel;     /* ACCEL_KVM or ACCEL_TCG */
	const char
		*nested; /* the CPU feature that the guest must get, "svm" or "vmx"; NULL: none */
	int vcpus;
	int measured_vcpus; /* the first so many are pinned one to one, the rest to the room */
	uint64_t memory_bytes;
	const char *cpu_model; /* libvirt's name; NULL: all that the accelerator offers */
	const char *firmware;  /* see firmware.h; NULL: QEMU's default */
	const char *kernel, *initrd, *cmdline;
	const char *modules; /* of a multiboot kernel, "FILE ARGUMENTS,FILE", instead of the initrd;
				NULL: none */
	struct domain_disk disk;    /* /dev/vda, read-only */
	struct domain_disk scratch; /* /dev/vdb */
	const struct net_link *net; /* NULL: no network card */
	bool balloon, hpet;
	uint64_t hugepage_bytes; /* size of the huge pages behind the memory; 0: ordinary pages */
	const char (*hostdev)[PCI_ADDRESS]; /* PCI devices that are handed in */
	int hostdevs;
	const char *console_log; /* file that gets what the guest prints on its serial port */
	const char *channel;	 /* UNIX socket behind the port LAYER_PORT; NULL: no port */
	const struct placement *placement; /* NULL: nothing is pinned */
};

/* The XML, which the caller frees. NULL when a string holds a character that XML cannot. */
char *domain_xml(const struct domain_config *c, struct err *err);

/*
 * The command line of the kernel of a guest of this depth that has so many layers nested in it, and
 * this console ("ttyS0"); extra (may be NULL) is added to it. That the depth is in it is for people
 * and their commands: what is measured in a guest tells its layer by it. The caller frees it; NULL
 * with "out of memory".
 */
char *domain_cmdline(const char *console, int depth, int below, const char *extra, struct err *err);

/*
 * What a hypervisor starts, for domain_config.modules: the guest's kernel with its arguments, and
 * its initrd, as QEMU takes them, separated by a comma. NULL with EXIT_USAGE: there is a space in
 * the kernel's path, which QEMU takes for the beginning of the arguments.
 */
char *domain_modules(const char *kernel, const char *cmdline, const char *initrd, struct err *err);

#endif
