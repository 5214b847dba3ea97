/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a layer lends to the VM that it starts, beside CPUs, memory and disks: a network link, huge
 * pages, PCI devices. All of it is taken before the VM starts and put back after it ended, on every
 * way out: loan_end() in the agent; lend_after_death() in its reaper when the agent was killed.
 *
 * On the machine itself nothing is changed but what was asked for by name (a tap with --net tap,
 * the driver of a PCI device with --hostdev); huge pages are taken there from those that are
 * reserved. A guest's kernel is ours to change: there huge pages are reserved as needed.
 */
#ifndef NB_LEND_H
#define NB_LEND_H

#include <jansson.h>

#include "drivers/driver.h"
#include "drivers/host/hostdev.h"
#include "drivers/host/hugepages.h"
#include "lib/child.h"

/* What is asked for. */
struct lend_wish {
	bool hugepages;
	enum net_kind net; /* NET_NONE: no network */
	char hostdev[HOSTDEV_MAX][PCI_ADDRESS];
	int hostdevs; /* for L1 alone */
};

/*
 * What the user asked for, in words: each hostdev is a PCI address. Errors are usage errors; what
 * the machine has is for lend_check().
 */
int lend_wish_parse(struct lend_wish *w, bool hugepages, const char *net,
		    const char *const *hostdev, size_t hostdevs, struct err *err);

/*
 * Whether this machine can lend it to an L1 with so much memory: asked before anything is started,
 * so that the answer names what is missing and how to get it (EXIT_MACHINE).
 */
int lend_check(const struct lend_wish *w, uint64_t memory_bytes, struct err *err);

/* As members of the request start_child for `layer`; and back, where all are optional. */
int lend_wish_to_json(const struct lend_wish *w, uint32_t layer, json_t *request);
int lend_wish_from_json(const json_t *request, struct lend_wish *w, struct err *err);

/* What is lent to one VM. */
struct loan {
	int slot; /* among the loans of this process, one more than its number; 0: none */
	struct child net_server;	   /* what the guest's net kernels talk to */
	struct hugepages_change hugepages; /* of a guest's kernel */
	char missed[512];		   /* what could not be lent; "" when all was */
};

#define LOAN_NONE                                                                                  \
	{                                                                                          \
		.net_server = CHILD_NONE                                                           \
	}

/* Takes what is wished for and notes it in the spec of the layer to be started. own_kernel: this
 * layer's kernel belongs to the run. */
int loan_make(struct loan *l, const struct lend_wish *w, struct layer_spec *c, bool own_kernel,
	      struct err *err);

/* The layer is up: facts are its driver's, and get what could not be honoured. */
void loan_tell(const struct loan *l, struct facts *facts);

/* It waits for calls on the network of these facts: it is called from now on, where it has one. */
int loan_call(struct loan *l, const struct facts *facts, struct err *err);

/* The layer is down: puts everything back. A loan of nothing is fine. */
void loan_end(struct loan *l);

/* The devices that the note in a process's work directory names: how many (0: there is no note), or
 * -1, as of hostdev_read_note. */
int lend_read_note(const char *work_dir, struct hostdev_state state[HOSTDEV_MAX], struct err *err);

/*
 * For the process that will have a reaper: lend_survive() before reaper_start(), with
 * lend_after_death() for the reaper to call when the process has ended, however that came.
 */
int lend_survive(struct err *err);
void lend_after_death(void);

#endif
