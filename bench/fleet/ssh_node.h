/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the ssh engine: one node, from the connection until its run directory is here. */
#ifndef NB_FLEET_SSH_NODE_H
#define NB_FLEET_SSH_NODE_H

#include <stdbool.h>

#include "bench/fleet/files.h"
#include "drivers/ssh/options.h"
#include "lib/err.h"

enum { SSH_TOKEN = 33 };

/* What all nodes have in common; borrowed. */
struct ssh_fleet {
	const char *dir;	     /* of the fleet */
	const char *shared;	     /* of the files, where they could be shared; NULL: not tried */
	const struct ssh_options *o; /* config and dir count */
	const struct payload *payload; /* the files, and their sums */
	const char *sums;	       /* SHA-256 of those */
	char token[SSH_TOKEN];
	int cancel_fd; /* hangs up when all is to end */
	/* Makes the files complete in the shared directory. */
	int (*share)(void *ctx, struct err *err);
	void *ctx;
};

/*
 * Connects, brings the files, runs the line of a request (node.h) and takes what comes into the
 * place of collect.h. `started` is called when the run begins. 0: it was measured, and its
 * directory lies there, unchecked; else -1 with why, EXIT_INTERRUPTED where that was cancelled.
 */
int ssh_node_measure(const struct ssh_fleet *s, const char *name, const char *request,
		     void (*started)(void *ctx), void *ctx, struct err *err);

#endif
