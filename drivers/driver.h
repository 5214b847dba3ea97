/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a layer is started and reached. A driver moves bytes: it brings up a layer with an agent in it
 * and hands out one byte stream to that agent. It does not know what is measured.
 *
 * A layer is a value that points to its host: L0's host is NULL, L1's host is L0. No code says "L1"
 * except to print a label.
 */
#ifndef NB_DRIVER_H
#define NB_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/base/err.h"
#include "bench/base/facts.h"

enum accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };

const char *accel_name(enum accel a); /* "auto", "kvm", "tcg" */
int accel_parse(const char *text, enum accel *out, struct err *err);

/* What is asked of the layer to be started. All strings are borrowed and outlive the layer. */
struct layer_config {
	int depth;             /* of this layer: 1 for a VM on the machine itself */
	int below;             /* how many layers will be nested in it: > 0 demands nested support */
	int vcpus;             /* of the domain, all of them */
	int measured_vcpus;    /* the first so many are what is measured; the rest is room */
	uint64_t memory_bytes; /* of the domain */
	enum accel accel;
	const char *run;       /* id of the run: short, [0-9A-Za-z-]+; in the domain's name */
	const char *uri;       /* libvirt URI; NULL: the embedded QEMU driver */
	const char *work_dir;  /* short existing directory for sockets and logs, the layer's own */
	const char *kernel, *initrd, *disk; /* of the guest image; the disk is handed in read-only */
	const char *scratch;   /* file or block device, handed in for writing; NULL: none */
	uint64_t boot_limit_ns; /* for each attempt to boot; 0: the driver chooses by accelerator */
	int cancel_fd;         /* start gives up when this hangs up (POLLHUP); -1: never */
};

struct driver;

struct layer {
	const struct driver *driver;
	const struct layer *host; /* NULL for L0 */
	struct layer_config config;
	int fd;              /* the byte stream to the agent, non-blocking, close-on-exec; -1: none */
	struct facts facts;  /* what the driver chose and found: accel, accel_reason, boot_ns, placement, … */
	void *priv;          /* the driver's own */
};

struct driver {
	const char *name;
	/*
	 * Brings the layer up until the first byte of its agent can be read from layer->fd. Blocks. On
	 * failure nothing is left running and the err says what was waited for.
	 */
	int (*start)(struct layer *layer, struct err *err);
	/* Ends the layer and frees what start made; safe after a failed start and when called twice. */
	void (*stop)(struct layer *layer);
};

/* The machine itself: its agent is a child process. */
extern const struct driver driver_bare;

/*
 * The libvirt driver, loaded from its module beside the program (or in ../lib/nestbench), so that
 * commands that need no VM work where libvirt is not installed. NULL with EXIT_MACHINE otherwise.
 */
const struct driver *driver_load_libvirt(struct err *err);

#endif
