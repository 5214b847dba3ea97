/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the module nestbench_libvirt.so offers. The program loads it when a VM is wanted and is not
 * linked to libvirt, so that commands that need no VM work where libvirt is not installed.
 */
#ifndef NB_LIBVIRT_OPS_H
#define NB_LIBVIRT_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/driver.h"
#include "drivers/guest/guest.h"
#include "drivers/libvirt/options.h"
#include "lib/buf.h"

/* A boot that only proves that one accelerator works here. */
struct libvirt_probe {
	const char *uri;      /* NULL: the embedded QEMU driver */
	const char *work_dir; /* as in struct layer_spec */
	const char *kernel, *initrd;
	enum accel accel;      /* ACCEL_KVM or ACCEL_TCG */
	uint64_t memory_bytes; /* of the VM; 0: 256 MiB */
	uint64_t limit_ns;     /* a firm one; 0: 20 s, longer while the VM makes progress, see
				  boot_limit.h */
	int cancel_fd;	       /* gives up when this is readable or hangs up; -1: never */
};

struct libvirt_probe_result {
	bool booted;		    /* the guest printed LIBVIRT_PROBE_OK on its console in time */
	char reason[1024];	    /* why not */
	uint64_t boot_ns;	    /* from creating the domain to that line */
	uint64_t connect_ns;	    /* virConnectOpen */
	char libvirt[32], qemu[32]; /* versions; "" where it did not come so far */
};

/* With this word on its command line the guest's init prints the line and powers off. */
#define LIBVIRT_PROBE_WORD "nestbench.probe"
#define LIBVIRT_PROBE_OK "nestbench-probe-ok"

struct libvirt_domain;

/* What KVM counts of the running VMs at a service; see stats.c. */
enum { LIBVIRT_STATS_MAX = 256 /* VMs; more are left out */, LIBVIRT_NAME = 128 };

struct libvirt_counted {
	char name[LIBVIRT_NAME]; /* fit for a terminal (printable.h) */
	char uuid[37];
	struct counts counts; /* at_ns on clock_machine */
};

struct libvirt_look {
	struct libvirt_counted *vm;
	size_t count, left_out;
	const char *remark; /* what counting by reason would need; "": nothing */
};

struct libvirt_stats {
	int fd; /* readable when an answer is there; for poll() */
	struct libvirt_stats_thread *thread;
};

/* What a VM boots, of a kind of layer that is not just the guest's kernel on the parent's CPU. */
struct libvirt_boot {
	/* A multiboot kernel, a hypervisor, that boots the guest's kernel as its own first guest;
	 * NULL: the guest's kernel is booted itself. */
	const char *hypervisor;
	const char *hypervisor_cmdline;
	const char *console; /* of the guest's kernel: "ttyS0" */
	/* libvirt's name of the CPU where one is emulated; NULL: all that there is */
	const char *emulated_cpu;
};

/* start, examine, count, stop and sweep as in struct driver; guest_look and guest_serve: see
 * guest.h. */
struct libvirt_ops {
	int (*start)(struct layer *layer, const struct libvirt_boot *boot, struct err *err);
	void (*examine)(struct layer *layer);
	void (*count)(struct layer *layer, enum counting how, struct counts *out);
	void (*stop)(struct layer *layer);
	int (*probe)(const struct libvirt_probe *probe, struct libvirt_probe_result *result,
		     struct err *err);
	int (*sweep)(const char *uri, const char *prefix, bool dry_run, struct buf *said,
		     struct err *err);
	int (*runs)(const char *uri, const char *uuid, struct buf *said, struct err *err);
	int (*start_with_fd)(const struct layer_spec *spec, const char *uri, const char *xml,
			     int fd, struct libvirt_domain **domain, char version[32],
			     struct err *err);
	void (*end)(struct libvirt_domain *domain);
	int (*stats_begin)(struct libvirt_stats *s, const char *uri, const char *domain,
			   bool reasons, struct err *err);
	void (*stats_ask)(struct libvirt_stats *s);
	int (*stats_take)(struct libvirt_stats *s, struct libvirt_look *look, struct err *err);
	void (*stats_end)(struct libvirt_stats *s);
	int (*guest_look)(const struct guest_target *t, struct guest_found *found, struct err *err);
	int (*guest_serve)(const struct guest_target *t, const struct guest_programs *programs,
			   struct err *err);
};

/* program.h finds nestbench_libvirt_ops in it, and: */
#define LIBVIRT_MODULE "nestbench_libvirt"
/* A string, a hash of all headers whose structs the two share: a module is used only by a program
 * that was built from the same ones (abi_stamp.cmake). */
#define LIBVIRT_STAMP_SYMBOL "nestbench_libvirt_stamp"

/* Members of it: */
/*
 * 0 when the question is answered (see result->booted); -1 when libvirt or QEMU could not even be
 * asked (result->libvirt and ->qemu tell how far it came).
 */
int libvirt_probe_run(const struct libvirt_probe *probe, struct libvirt_probe_result *result,
		      struct err *err);
int libvirt_sweep(const char *uri, const char *prefix, bool dry_run, struct buf *said,
		  struct err *err);

/* As runs in struct driver, of one service. */
int libvirt_runs(const char *uri, const char *uuid, struct buf *said, struct err *err);

/*
 * Starts a transient domain at a service, with fd as its descriptor 3, for the life of the
 * connection; of the spec, what waits for it. The version is libvirt's. *domain is for libvirt_end.
 */
int libvirt_start_with_fd(const struct layer_spec *spec, const char *uri, const char *xml, int fd,
			  struct libvirt_domain **domain, char version[32], struct err *err);
/* Destroys the domain, which may have ended, and closes the connection. */
void libvirt_end(struct libvirt_domain *domain);

/*
 * Begins to look at the running VMs at a service (domain: at this one; NULL: at all). A thread asks
 * the service, so that the caller never waits for one that does not answer. With
 * reasons, exits are counted by reason, too (exit_trace.h). EXIT_INTERNAL.
 */
int libvirt_stats_begin(struct libvirt_stats *s, const char *uri, const char *domain, bool reasons,
			struct err *err);
/* Asks for a look, unless one is under way. */
void libvirt_stats_ask(struct libvirt_stats *s);
/*
 * 1: the answer is in *look, whose vm is good until the next call of ask; 0: none is there yet; -1
 * with EXIT_MACHINE: the service cannot be reached, or no longer.
 */
int libvirt_stats_take(struct libvirt_stats *s, struct libvirt_look *look, struct err *err);
/* A thread that hangs in the service is left behind after a second. */
void libvirt_stats_end(struct libvirt_stats *s);

extern const struct driver driver_kvm;

/* Members of drivers whose layers are such VMs; start with what they boot. */
int libvirt_vm_start(struct layer *layer, const struct libvirt_boot *boot, struct err *err);
void libvirt_vm_examine(struct layer *layer);
void libvirt_vm_count(struct layer *layer, enum counting how, struct counts *out);
void libvirt_vm_stop(struct layer *layer);
/* What is checked of a kind with kvm_option_table. */
int libvirt_vm_check(const struct layer_spec *spec, struct err *err);
void libvirt_vm_require(const struct driver_probe *p, const struct layer_spec *spec);

/* The member probe of driver_kvm: the CPU's part, libvirt and QEMU, and boots that prove it. */
void kvm_doctor(const struct driver_probe *p);

/* NULL with EXIT_MACHINE where it cannot be loaded. It stays loaded until the process ends. */
const struct libvirt_ops *libvirt_ops_load(struct err *err);

#endif
