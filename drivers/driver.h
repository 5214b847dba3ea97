/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a layer is started and reached. A driver moves bytes: it brings up a layer with an agent in
 * it and hands out one byte stream to that agent. It does not know what is measured.
 *
 * A layer is a value that points to its host: L0's host is NULL, L1's host is L0. No code says "L1"
 * except to print a label.
 */
#ifndef NB_DRIVER_H
#define NB_DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "drivers/evidence.h"
#include "drivers/host/net_link.h"
#include "drivers/host/placement.h"
#include "lib/err.h"
#include "lib/facts.h"

enum accel { ACCEL_AUTO, ACCEL_KVM, ACCEL_TCG };

const char *accel_name(enum accel a); /* "auto", "kvm", "tcg"; NULL for a number that is none */
int accel_parse(const char *text, enum accel *out, struct err *err);

/* The virtio port through which a layer's agent is reached. */
#define LAYER_PORT "org.nestbench.0"

/* On the guest kernel's command line, with the link to the layer above: "user,10.0.2.15/24". */
#define LAYER_NET_WORD "nestbench.net="

/* A PCI device that a VM gets for itself: its address, "0000:01:00.0". */
enum { PCI_ADDRESS = 16, HOSTDEV_MAX = 8 };

/* What is asked of the layer to be started. All pointers are borrowed and outlive the layer. */
struct layer_config {
	int depth; /* of this layer: 0 for the machine itself, 1 for a VM on it */
	int below; /* how many layers will be nested in it: > 0 demands nested support */
	int sibling, siblings; /* this one, from 0, of so many VMs side by side; 0 of 0: it is
				  alone. Siblings share the scratch. */
	int vcpus;	       /* of the domain, all of them */
	int measured_vcpus;    /* the first so many are what is measured; the rest is room */
	uint64_t memory_bytes; /* of the domain; a whole number of MiB */
	enum accel accel;
	const char *run;      /* id of the run: [0-9A-Za-z-]{1,40}; in the domain's name */
	const char *uri;      /* libvirt URI; NULL: the embedded QEMU driver */
	const char *emulator; /* absolute path of the QEMU that runs the layer; NULL: libvirt's */
	const char
		*work_dir; /* existing directory for sockets and logs, the layer's own; its
			      absolute path has at most 60 characters (AF_UNIX paths are short) */
	const char *kernel, *initrd,
		*disk;		    /* of the guest image; the disk is handed in read-only */
	const char *scratch;	    /* file or block device, handed in for writing; NULL: none */
	const struct net_link *net; /* a network card on this link; NULL: none; the guest is told by
				       LAYER_NET_WORD */
	uint64_t hugepage_bytes; /* memory from the host's huge pages of this size; 0: ordinary */
	/* PCI devices of the host that the layer gets; they were looked at by hostdev_check(). */
	char hostdev[HOSTDEV_MAX][PCI_ADDRESS];
	int hostdevs;
	const struct placement *placement; /* onto this layer's host; NULL: nothing is pinned */
	uint64_t boot_limit_ns; /* for each attempt to boot; 0: 20 s times the depth where another
				   accelerator may follow, 60 s times the depth for the last one */
	bool boot_limit_firm;	/* the user's own, see boot_limit.h */
	int cancel_fd;		/* start gives up when this hangs up (POLLHUP); -1: never */
	/* Told by start what it waits for from now on, "virDomainCreateXML"; NULL: nobody is. */
	void (*waits_for)(void *ctx, const char *what);
	void *waits_ctx;

	/* Bare only: the program whose command `agent` is the layer's agent; NULL: this program. */
	const char *program;
};

struct driver;

struct layer {
	const struct driver *driver;
	const struct layer *host; /* NULL for L0 */
	struct layer_config config;
	int fd; /* the byte stream to the agent, non-blocking, close-on-exec; -1: none */
	struct facts facts; /* what the driver chose and found, see below; the caller releases it */
	/* Of a failed start, or by examine; the caller releases it. */
	struct evidence evidence;
	bool lost;  /* the layer was started, but it ended or did not come up in time: another
		       start may go better */
	void *priv; /* the driver's own */
};

/* Nothing started yet. */
#define LAYER_INIT                                                                                 \
	{                                                                                          \
		.fd = -1, .config = {.cancel_fd = -1}, .evidence = EVIDENCE_NONE                   \
	}

struct driver {
	const char *name;
	/*
	 * Brings the layer up until the first byte of its agent can be read from layer->fd; the
	 * byte is left there to be read. Blocks. On failure nothing is left running, layer->fd is
	 * -1 and the err says what was waited for. cancel_fd ends it with EXIT_INTERRUPTED.
	 */
	int (*start)(struct layer *layer, struct err *err);
	/*
	 * Fills layer->evidence, of a layer that went down or does not answer, before it is
	 * stopped. NULL: there never is any.
	 */
	void (*examine)(struct layer *layer);
	/*
	 * Ends the layer, closes layer->fd and frees what start made except the facts; safe after a
	 * failed start and when called twice.
	 */
	void (*stop)(struct layer *layer);
};

/*
 * Facts that start leaves in layer->facts.
 *
 * bare:    boot_ns (start of the process until its agent's first byte).
 * libvirt: accel ("kvm" or "tcg", as QEMU itself says), accel_reason (why this one; for each one
 *          that was not taken, why not), nested_feature ("svm", "vmx": demanded for this layer;
 * "none"), libvirt, qemu (versions), uri, emulator
 * ("default": libvirt's choice), domain (name), room_reason (why the domain has no vCPU beside the
 * measured ones, where it has none), warning (what is known to go wrong with such a layer),
 * boot_limit_ns and boot_cpu_wait_ns (what was the limit in the end, and how long the VM waited for
 * a CPU meanwhile, see boot_limit.h), connect_ns (virConnectOpen), qemu_probe_ns (libvirt finding
 * out what QEMU can do; short when cached), create_ns (virDomainCreateXML), boot_ns (from the call
 * of virDomainCreateXML until the agent's first byte), placement ("vcpu0:0 room:1"), disk_cache and
 * scratch_cache, memory_backing ("ordinary pages", "huge pages of 2 MiB"), net
 * ("none", or as net_kind_name()), net_dial (with a network: where the layer above calls the guest,
 * "127.0.0.1:4711"), hostdev (the devices handed in, "none"), and, only where there is something to
 * say, not_honoured (sentences).
 */

/* The machine itself: its agent is a child process, started as
 *   PROGRAM agent --depth 0 --port - --work-dir DIR [--connect URI]
 *   [--emulator PATH] [--disk PATH --kernel PATH
 *   --initrd PATH] [--scratch PATH]
 * where stdin and stdout are the two directions of the byte stream (one socket); stderr goes to
 * DIR/agent.log. It is in a process group of its own, so that Ctrl-C reaches only the caller; when
 * the caller is gone it reads end of file. stop shuts the stream down, gives the agent 15 s to stop
 * what it had started, then kills its group. */
extern const struct driver driver_bare;

/*
 * The libvirt driver, loaded from its module (see lib/program.h), so that
 * commands that need no VM work where libvirt is not installed. NULL with EXIT_MACHINE otherwise.
 */
const struct driver *driver_load_libvirt(struct err *err);

#endif
