/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest image: one read-only root disk, one tiny initramfs and one kernel for every layer.
 *
 * Built without root from the files of the packages that are installed here, and from the kernel
 * package, which is downloaded but never installed. Kept in a cache under a hash of all inputs, so
 * that the second call only looks it up. The downloaded packages stay in the cache too: a rebuild
 * needs no network.
 *
 * What the guest understands on its kernel command line:
 *   nestbench.probe    no agent: print IMAGE_PROBE_LINE on the console and power off; needs no disk
 * The first process (init/init.c) mounts the disk, gives the agent writable places in memory, and
 * powers off when the agent ends. In the guest the root disk is /dev/vda, the scratch disk (if
 * there is one) /dev/vdb, and the agent's port is the virtio-serial port named IMAGE_PORT. Kernel
 * and initramfs for the child layer are in /boot.
 */
#ifndef NB_IMAGE_H
#define NB_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

#define IMAGE_PROBE_LINE "nestbench-probe-ok"
#define IMAGE_PORT "org.nestbench.0"
/*
 * On the command line of a guest's kernel where layers are to be started in it, and where none is.
 * There nothing is counted, and the kernel does not make its 2,000 directories of events (0.16 s in
 * a guest of an emulated guest).
 */
#define IMAGE_HOSTS "nestbench.hosts"
#define IMAGE_LEAF "initcall_blacklist=trace_eval_init,tracer_init_tracefs,init_kprobe_trace"

/* A pipe: once it is opened for writing, the modules that the guest's start left out are loaded,
 * and it vanishes. */
#define IMAGE_LOADING "/run/nestbench.loading"

/*
 * In the guest. The agent where layers are to be started, and the one where none is: the latter is
 * linked statically and small, so that in a guest of an emulated guest it answers half a second
 * earlier.
 */
#define IMAGE_AGENT "/usr/bin/nestbench"
#define IMAGE_SMALL_AGENT "/usr/libexec/nestbench/nestbench-agent"

/*
 * The start of the root disk, in which its inodes and directories are. A guest reads it in one
 * piece before it mounts the disk, as each piece is a wait: with it 5 until the agent runs, without
 * it 17. Mounting makes the kernel forget it where the disk's sectors are smaller than the blocks.
 */
#define IMAGE_INDEX_BYTES (512 * 1024)
#define IMAGE_BLOCK_BYTES 4096 /* of the root disk's file system, and its sectors in VMs */

/* In the guest: the names of the modules that workloads need, one on each line. */
#define IMAGE_WORKLOAD_MODULES "/boot/modules.workloads"

/* The file name of Xen, beside the kernel's: in the cache, and in the guest in /boot. */
#define IMAGE_HYPERVISOR "xen"

/*
 * On the kernel's command line: the agent's port is the guest's console, hvc0. The first process
 * then keeps all others from it, sets it raw, and prints the line when it has.
 */
#define IMAGE_CONSOLE_PORT "nestbench.port=hvc0"
#define IMAGE_CONSOLE_PORT_LINE "nestbench-port-open"

/*
 * What makes this kernel boot faster without changing what is measured. notests: the kernel checks
 * its ciphers at every boot (0.5 s under emulation). lastbus=0: it looks for further PCI host
 * bridges with 8,000 accesses that are a VM exit each (1.6 s in a guest of an emulated guest);
 * buses behind bridges are found all the same. noreplace-smp: in a guest of one vCPU it would patch
 * each LOCK prefix of its own text and its modules', page by page (2 s there), and would then run
 * other code than the machine's kernel and guests of several vCPUs. blacklist: it looks each of
 * 40,000 functions up by name, so that tracing them lists those alone that were not replaced; it
 * looks for a keyboard, a mouse and a clock chip, of which the last was read before and the others
 * are nobody's, and checks how it derives keys, in spite of notests.
 */
#define IMAGE_FAST_BOOT                                                                            \
	"cryptomgr.notests=1 pci=lastbus=0 noreplace-smp "                                         \
	"initcall_blacklist=ftrace_check_for_weak_functions,i8042_init,cmos_init,"                 \
	"crypto_kdf108_init"

/* All strings are borrowed. An all-zero config means the defaults. */
struct image_config {
	/* Where images are kept; NULL: $XDG_CACHE_HOME/nestbench/images, or ~/.cache/… */
	const char *cache_dir;
	/*
	 * The directory of the nestbench that is copied into the guests; NULL: that of the running
	 * program. Its other parts are found from there (lib/program.h).
	 */
	const char *program_dir;
	const char *const *with; /* packages to add, ended by NULL; NULL: none */
	bool with_opencl;	 /* also PoCL and the loader, for the gpu kernels */
	bool with_xen;		 /* also Xen and what its first guest needs to start others; the
				    kernel is by default one that can be that guest */
	/*
	 * The guests' kernel; NULL: Debian's cloud kernel. One of: the name of a kernel package
	 * ("linux-image-6.1.0-50-cloud-amd64", or a meta package), which is downloaded, not
	 * installed; a .deb file; a bzImage ("/boot/vmlinuz-6.9"), whose modules are looked for in
	 * ../lib/modules/RELEASE beside it and in /lib/modules/RELEASE; or VMLINUZ:MODULES-DIR.
	 */
	const char *kernel;
	/* Modules of the guests' kernel that workloads need, ended by NULL; NULL: none. */
	const char *const *modules;
	/* "MODULE.PARAMETER=VALUE" each, for modules of the guests' kernel, in every guest; ended
	 * by NULL; NULL: none. They passed image_module_params_check. */
	const char *const *module_params;
	bool refresh; /* ask apt for newer packages than those in the cache */
	void (*say)(void *ctx,
		    const char *line); /* progress, a line without newline; NULL: silent */
	void *say_ctx;
};

struct image {
	char *dir;    /* the cache entry; it also holds image.json */
	char *kernel; /* to boot from; an image with Xen has IMAGE_HYPERVISOR beside it */
	char *initrd;
	char *disk;
	char hash[17];	     /* of the inputs, 16 hexadecimal digits */
	uint64_t size_bytes; /* of kernel, initramfs and disk together */
	uint64_t build_ns;   /* duration of the build, downloads included, by whichever call */
	bool fresh;	     /* this call built it */
	int lock_fd;	     /* while held, no builder removes the entry from the cache */
};

#define IMAGE_NONE                                                                                 \
	{                                                                                          \
		.lock_fd = -1                                                                      \
	}

/*
 * Finds the image for this config in the cache, or builds it. The caller releases the result.
 * EXIT_USAGE: a package that does not exist, a file of the config that is missing; EXIT_MACHINE: a
 * tool, a package list, the network or disk space is missing. Nothing half-built is left behind,
 * however it ends.
 */
int image_build(const struct image_config *config, struct image *out, struct err *err);

/*
 * Only looks in the cache: 0 and the image when it exists; -1 with EXIT_MACHINE when it has to be
 * built first (or its inputs are not complete, see err). Never writes, never uses the network.
 */
int image_find(const struct image_config *config, struct image *out, struct err *err);

/*
 * Takes an image as it is, made on this or another machine: the directory that was printed there,
 * or a copy of it. The caller releases the result. EXIT_USAGE: it is not a whole image.
 */
int image_open(const char *dir, struct image *out, struct err *err);

/* Checks a choice of a kernel without downloading or building: EXIT_USAGE where a file is missing
 * or of another kind, or a name cannot be that of a kernel package. */
int image_kernel_check(const char *kernel, struct err *err);

/* Checks the form of module_params: EXIT_USAGE where one has another, or is set twice. Whether
 * there is such a parameter is known when the image is built. */
int image_module_params_check(const char *const *params, struct err *err);

/*
 * Removes a partial build of a killed process from the default cache, unless a build is running
 * there; with dry_run only looks. *found: whether there is one.
 */
int image_clean(bool dry_run, bool *found, struct err *err);

/* Frees and unlocks; an empty image is fine. */
void image_release(struct image *image);

#endif
