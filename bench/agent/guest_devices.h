/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a layer assigns to the VM that it starts, beside CPUs, memory and disks: a network link,
 * huge pages, PCI devices. All of it is taken before the VM starts and put back after it ended, on
 * every way out: assignment_end() in the agent; assignment_after_death() in its reaper when the
 * agent was killed.
 *
 * On the machine itself nothing is changed but what was asked for by name (a tap with --net tap,
 * the driver of a PCI device with --hostdev); huge pages are taken there from those that are
 * reserved. A guest's kernel is ours to change: there huge pages are reserved as needed.
 */
#ifndef NB_GUEST_DEVICES_H
#define NB_GUEST_DEVICES_H

#include <jansson.h>

#include "drivers/driver.h"
#include "drivers/host/hostdev.h"
#include "drivers/host/hugepages.h"
#include "lib/child.h"

/* What is asked for. */
struct device_request {
	bool hugepages;
	enum net_kind net; /* NET_NONE: no network */
	bool balloon, hpet; /* of a VM */
	char hostdev[HOSTDEV_MAX][PCI_ADDRESS];
	int hostdevs; /* for L1 alone */
};

/*
 * What the user asked for, as text: each hostdev is a PCI address. Errors are usage errors; what
 * the machine has is for device_request_check().
 */
int device_request_parse(struct device_request *d, bool hugepages, const char *net,
			 const char *const *hostdev, size_t hostdevs, struct err *err);

/*
 * Whether this machine can assign it to an L1 with so much memory: asked before anything is
 * started, so that the answer names what is missing and how to get it (EXIT_MACHINE).
 */
int device_request_check(const struct device_request *d, uint64_t memory_bytes, struct err *err);

/* As members of the request start_child for `layer`; and back, where all are optional. */
int device_request_to_json(const struct device_request *d, uint32_t layer, json_t *request);
int device_request_from_json(const json_t *request, struct device_request *d, struct err *err);

/* What is assigned to one VM. */
struct assignment {
	int slot; /* among the assignments of this process, one more than its number; 0: none */
	struct child net_server;	   /* what the guest's net kernels talk to */
	struct hugepages_change hugepages; /* of a guest's kernel */
	char missed[512];		   /* what could not be assigned; "" when all was */
};

#define ASSIGNMENT_NONE                                                                            \
	{                                                                                          \
		.net_server = CHILD_NONE                                                           \
	}

/* Takes what is asked for and notes it in the spec of the layer to be started. own_kernel: this
 * layer's kernel belongs to the run. */
int assignment_make(struct assignment *a, const struct device_request *d, struct layer_spec *c,
		    bool own_kernel, struct err *err);

/* The layer is up: facts are its driver's, and get what could not be honoured. */
void assignment_tell(const struct assignment *a, struct facts *facts);

/* It waits for calls on the network of these facts: it is called from now on, where it has one. */
int assignment_call(struct assignment *a, const struct facts *facts, struct err *err);

/* The layer is down: puts everything back. One of nothing is fine. */
void assignment_end(struct assignment *a);

/* The devices that the note in a process's work directory names: how many (0: there is no note), or
 * -1, as of hostdev_read_note. */
int assignment_read_note(const char *work_dir, struct hostdev_state state[HOSTDEV_MAX],
			 struct err *err);

/*
 * For the process that will have a reaper: assignment_survive() before reaper_start(), with
 * assignment_after_death() for the reaper to call when the process has ended, however that came.
 */
int assignment_survive(struct err *err);
void assignment_after_death(void);

#endif
