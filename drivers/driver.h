/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seam between the suite and the kinds of layer. A kind is one folder beside this file with one
 * `const struct driver driver_NAME`, which the build finds (drivers/CMakeLists.txt): it brings up a
 * layer with an agent in it and hands out one byte stream to that agent. It does not know what is
 * measured, and nothing else knows how a layer is made.
 *
 * No code says "L1" except to print a label.
 */
#ifndef NB_DRIVER_H
#define NB_DRIVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/counts.h"
#include "drivers/evidence.h"
#include "drivers/host/net_link.h"
#include "drivers/host/placement.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/facts.h"
#include "lib/options.h"

/* A PCI device that a layer gets for itself: its address, "0000:01:00.0". */
enum { PCI_ADDRESS = 16, HOSTDEV_MAX = 8 };

/* What a layer of a kind can be asked for; without a bit it shares what its parent layer has. */
enum layer_caps {
	CAP_OWN_KERNEL = 1 << 0, /* it boots a kernel of its own, from the guest image */
	CAP_RESOURCES = 1 << 1,	 /* it gets so many CPUs, and so much memory, and no more */
	CAP_SCRATCH = 1 << 2,	 /* a disk, or a file, for io workloads */
	CAP_NET = 1 << 3,	 /* a network link to its parent layer */
	CAP_SIBLINGS = 1 << 4,	 /* several side by side */
	CAP_HOSTS = 1 << 5,	 /* other layers can be started in it */
	CAP_DEVICES = 1 << 6,	 /* PCI devices of the machine */
	CAP_VIRT = 1 << 7,	 /* its CPU shows hardware virtualization where its parent's does */
	/* It exists without the run: nothing boots, and its kernel is not the run's. */
	CAP_EXISTS = 1 << 8,
	/* It is reached from the machine on which nestbench was started, whatever its parent layer,
	 * and can stand first. */
	CAP_ATTACHED = 1 << 9,
	/* The guest image must hold the hypervisor (image_config.with_xen). */
	CAP_HYPERVISOR = 1 << 10,
};

/* How a layer is parted from its parent layer. */
enum isolation { ISOLATION_NONE, ISOLATION_CONTAINER, ISOLATION_PARAVIRTUAL, ISOLATION_FULL };

/* "none", "container", "paravirtual", "full" */
const char *isolation_name(enum isolation i);

/* What is asked of the layer to be started. All pointers are borrowed and outlive the layer. */
struct layer_spec {
	int layer; /* its number in the run's tree of layers, by which it is told from others */
	int depth; /* of this layer: 0 for the machine itself */
	int below; /* how many layers will be nested in it: > 0 demands nested support */
	int sibling, siblings; /* this one, from 0, of so many layers side by side; 0 of 0: it is
				  alone. Siblings share the scratch. */
	int vcpus;	       /* all of them */
	int measured_vcpus;    /* the first so many are what is measured; the rest is room */
	uint64_t memory_bytes; /* a whole number of MiB */
	const char *run;       /* id of the run: [0-9A-Za-z-]{1,40} */
	/* The kinds of the layers around it: outer[0] the machine's, outer[depth - 1] its parent's;
	 * NULL: not known. */
	const struct driver *const *outer;
	/* The kind's own, "NAME=VALUE" each, as of driver->options; NULL: none. */
	const struct text_list *options;
	const char
		*work_dir; /* existing directory for sockets and logs, the parent layer's own; its
			      absolute path has at most 60 characters (AF_UNIX paths are short) */
	const char *kernel, *initrd,
		*disk;		    /* of the guest image; the disk is handed in read-only */
	const char *scratch;	    /* file or block device, handed in for writing; NULL: none */
	const struct net_link *net; /* a network card on this link; NULL: none */
	bool balloon, hpet;	    /* of a VM: a memory balloon; an HPET, where KVM runs it */
	uint64_t hugepage_bytes; /* memory from the host's huge pages of this size; 0: ordinary */
	/* PCI devices of the host that the layer gets; they were looked at by hostdev_check(). */
	char hostdev[HOSTDEV_MAX][PCI_ADDRESS];
	int hostdevs;
	const struct placement *placement; /* onto this layer's host; NULL: nothing is pinned */
	uint64_t boot_limit_ns;		   /* for each attempt; 0: the driver's own */
	bool boot_limit_firm; /* the user's own: it is not extended while there is progress */
	int cancel_fd;	      /* start gives up when this hangs up (POLLHUP); -1: never */
	/* Called by start with the name of what it waits for from now on,
	 * "virDomainCreateXML"; NULL: not called. */
	void (*waits_for)(void *ctx, const char *what);
	void *waits_ctx;
	const char *program; /* whose command `agent` serves a layer that is a process; NULL: this
				program */
	/* What the last start of such a layer in such a parent layer left (layer->keep), to make
	 * this one faster. It came from a guest: all that is sure is layer_keep_fits(). "": nothing
	 * is there; NULL: nor is anything wanted. */
	const char *kept;
};

/* Whether a text can be kept: lines of printable ASCII without '"' and '\\', which travel as they
 * are, of at most KEEP_MAX bytes in all. */
enum { KEEP_MAX = 384 << 10 };
bool layer_keep_fits(const char *text);

/*
 * What the agent of a layer is told once (bench/agent/layer_message.h): where it finds in its layer
 * what the layer was given. NULL: it has none.
 */
struct layer_inside {
	const char *work_dir;		    /* its own, for sockets and logs */
	const char *scratch;		    /* what io workloads may overwrite */
	const char *kernel, *initrd, *disk; /* of the guest image, for a child layer */
	char net[64];			    /* "KIND,ADDRESS/PREFIX" of the card; "": none */
	bool own_kernel; /* its kernel belongs to the run, which may load modules and the like */
};

struct driver;

struct layer {
	const struct driver *driver;
	struct layer_spec spec;
	struct layer_inside inside; /* set by start; pointers live as long as the layer */
	int fd; /* the byte stream to the agent, non-blocking, close-on-exec; -1: none */
	struct facts facts; /* what the driver chose and found, see below; the caller releases it */
	/* Of a failed start, or by examine; the caller releases it. */
	struct evidence evidence;
	bool lost;  /* the layer was started, but it ended or did not come up in time: another
		       start may succeed */
	void *priv; /* the driver's own */
	/* For spec.kept of the next start; NULL: nothing new. Set by start; the caller frees it. */
	char *keep;
};

/* Nothing started yet. */
#define LAYER_INIT                                                                                 \
	{                                                                                          \
		.fd = -1, .spec = {.cancel_fd = -1}, .evidence = EVIDENCE_NONE                     \
	}

/* What the start of a layer takes. */
struct start_cost {
	uint64_t attempt_ns; /* one attempt, at the most, in a parent layer that came up at once */
	uint32_t attempts;   /* as many times the limit of one all of them may take */
};

/* What doctor asks of a kind of layer. */
enum finding { FINDING_OK, FINDING_NOTE, FINDING_FAIL };
struct driver_probe {
	const char *work_dir;
	const char *kernel, *initrd; /* of the guest image; NULL: there is none */
	uint64_t boot_limit_ns;	     /* of a boot; 0: the driver's own */
	int cancel_fd;		     /* gives up when this is readable or hangs up; -1: never */
	void (*say)(void *ctx, enum finding f, const char *topic, const char *fmt, ...)
		__attribute__((format(printf, 4, 5)));
	void *ctx;
};

/* Says the version of a program, or, as `missing`, which package has it. */
void driver_probe_tool(const struct driver_probe *p, const char *topic, const char *program,
		       const char *package, enum finding missing);

/* Members that may be NULL: argument, options, check, require, probe, examine, count, start_cost,
 * sweep, tidy, runs, owns_program, is_cpu_thread. */
struct driver {
	const char *name;    /* as in --layers */
	const char *summary; /* one line */
	unsigned caps;	     /* enum layer_caps */
	enum isolation isolation;
	/* Its byte stream is made of polls: what crosses it takes longer than it would, and the
	 * rows of the layer say so (SAMPLE_POLLED). */
	bool polled;
	/* Own options of a layer; what they are parsed into is the driver's. */
	const struct option *options;
	/* The option that a value without a name sets: in "ssh=HOST" host, in "kvm:kvm" accel. */
	const char *argument;
	/* What can be told without a look at the machine: values of options, and whether the layer
	 * can stand there. EXIT_USAGE. */
	int (*check)(const struct layer_spec *spec, struct err *err);
	/*
	 * Whether such a layer can be started where the spec says, as far as that can be told
	 * without starting anything: everything that decides it, with the value that was found and,
	 * where that stands in the way (FINDING_FAIL), the way to fix it. Of a child of the machine
	 * itself this machine is looked at; deeper, spec->outer tells what stands around it.
	 */
	void (*require)(const struct driver_probe *p, const struct layer_spec *spec);
	/* Whether, and how well, layers of this kind can be started here, finding by finding. */
	void (*probe)(const struct driver_probe *p);
	/*
	 * Brings the layer up until the first byte of its agent can be read from layer->fd; the
	 * byte is left there to be read. Blocks. On failure nothing is left running, layer->fd is
	 * -1 and the err says what was waited for. cancel_fd ends it with EXIT_INTERRUPTED.
	 */
	int (*start)(struct layer *layer, struct err *err);
	/* What that takes; NULL: 30 s, once. */
	struct start_cost (*start_cost)(const struct layer_spec *spec);
	/* Fills layer->evidence, of a layer that went down or does not answer, before it is
	 * stopped. */
	void (*examine)(struct layer *layer);
	/*
	 * Reads what the layer made its parent layer do since it is up; out is empty before, and
	 * says itself what is not counted. Called from the thread that started the layer, between
	 * batches, so it is quick. What it begins ends with stop at the latest.
	 */
	void (*count)(struct layer *layer, enum counting how, struct counts *out);
	/*
	 * Ends the layer, closes layer->fd and frees what start made except the facts; safe after a
	 * failed start and when called twice.
	 */
	void (*stop)(struct layer *layer);
	/*
	 * Ends the layers of a dead run that a service outside of it still runs: those whose names
	 * begin with prefix, which itself begins with "nestbench-" (else EXIT_USAGE); with dry_run
	 * it only looks. Names them in *said: "a, b". Returns how many there were, or -1 with
	 * EXIT_MACHINE.
	 */
	int (*sweep)(const char *service, const char *prefix, bool dry_run, struct buf *said,
		     struct err *err);
	/*
	 * Removes what the layers of a dead run, whose processes have ended, left on this machine
	 * outside of its work_dir; the names of what is the run's begin with prefix; with dry_run
	 * it only looks. Names them in *said: "a, b". Returns how many there were.
	 */
	int (*tidy)(const char *prefix, bool dry_run, struct buf *said);
	/*
	 * Whether a service on this machine runs a layer of this kind, started by whomever, whose
	 * DMI product UUID is this. 1: it does, *said is its name and the service's; 0: it does
	 * not; -1 with EXIT_MACHINE: it cannot be asked.
	 */
	int (*runs)(const char *uuid, struct buf *said, struct err *err);
	/* Whether a layer of this kind can run as a process of this program (its base name). */
	bool (*owns_program)(const char *program);
	/* Whether a thread of this name (proc(5), comm) runs a CPU of a layer. */
	bool (*is_cpu_thread)(const char *comm);
};

/*
 * Facts that start leaves in layer->facts. The suite reads:
 *
 * kind (the driver's name), isolation, emulated ("yes", "no": whether the driver makes the layer's
 * CPU by software; "unknown"), starter (versions of what started it, "A 1.2, B 3.4"), boot_ns
 * (until the agent's first byte), placement ("vcpu0:0 room:1"), accel (how it is accelerated, for
 * people), accel_reason, warning (what is known to go wrong with such a layer), net_dial (with a
 * network: where the parent layer calls it, "127.0.0.1:4711"), not_honoured (sentences, only where
 * there is something to say).
 *
 * Whatever else a driver tells is kept in layers.csv; see its folder.
 */

/* What every start must tell: kind, isolation, and whether the driver emulates the CPU; NULL: that
 * the layer, a machine that exists, tells itself. */
void layer_tell_kind(struct layer *layer, const char *emulated);

/* All kinds of layer, by name; NULL behind the last. */
extern const struct driver *const drivers[];

/* EXIT_USAGE, with the names that there are. */
const struct driver *driver_find(const char *name, struct err *err);

/* Parses the options of a layer into *target, a zeroed struct (of a kind without options: NULL).
 * EXIT_USAGE. */
int driver_options(const struct driver *d, const struct text_list *options, void *target,
		   struct err *err);

/* What can be told of a layer without a look at the machine: driver->check, and of a kind without
 * options that it is given none. EXIT_USAGE. */
int driver_check(const struct driver *d, const struct layer_spec *spec, struct err *err);

/* Whether some kind of layer runs as this program, or runs a CPU in a thread of this name. */
bool drivers_own_program(const char *program);
bool drivers_run_cpu_in(const char *comm);

/* As driver->runs, of whichever kind; where none does, and one cannot be asked, -1. */
int drivers_run(const char *uuid, struct buf *said, struct err *err);

/* The machine itself, as a child process. */
extern const struct driver driver_bare;

#endif
