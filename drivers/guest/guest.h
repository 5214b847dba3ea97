/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A layer in a domain that exists, through the QEMU guest agent in it, without a network. That
 * agent reads and writes files and starts programs, but has no streams: a process of this program
 * (`nestbench guest`) copies the small agent there, writes what it is told into a FIFO, and polls
 * the file that it answers in. When it ends, or is killed, nothing is left in the guest.
 */
#ifndef NB_GUEST_H
#define NB_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

#define GUEST_URI "qemu:///system"

/* The agent in the guest ends when it hears nothing for so long; GUEST_SIGN_NS apart it does. */
#define GUEST_LEASE "6s"
#define GUEST_SIGN_NS (1500 * UINT64_C(1000000))

/* From one look at its answers to the next: at once behind a request, then less and less often. */
#define GUEST_POLL_MIN_NS (2 * UINT64_C(1000000))
#define GUEST_POLL_MAX_NS (100 * UINT64_C(1000000))

struct guest_target {
	const char *uri, *domain;
	const char *dir; /* absolute, of letters, digits and "/._-"; made there, and removed */
	int stop_fd;	 /* guest_serve ends when it is readable; -1: never */
};

/* What there is. */
struct guest_found {
	bool emulated;		/* the domain's CPU is made by software */
	char libvirt[32];	/* versions */
	char agent[32];		/* of the QEMU guest agent */
	char kernel[96];	/* of the guest; "": it does not tell */
	uint64_t round_trip_ns; /* of one request to that agent */
};

/* What is copied: programs that run on any Linux of this kind of processor. */
struct guest_programs {
	const char *agent, *kernel;
};

/* Whether the domain can serve as a layer. EXIT_MACHINE, with the way to fix it. Nothing is
 * changed there. */
int guest_look(const struct guest_target *t, struct guest_found *found, struct err *err);

/*
 * Serves until stdin ends: what comes from there goes to the agent in the guest, and its answers
 * to stdout. Nothing is left in the guest.
 */
int guest_serve(const struct guest_target *t, const struct guest_programs *programs,
		struct err *err);

#endif
