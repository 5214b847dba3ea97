/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A node at the other end of the stdin and stdout of a program, such as ssh: what is run there
 * brings the files, runs `nestbench node` (node.h) and sends the run directory.
 */
#ifndef NB_FLEET_REMOTE_H
#define NB_FLEET_REMOTE_H

#include <stdbool.h>

#include "bench/fleet/engine.h"
#include "drivers/ssh/options.h"
#include "lib/err.h"

enum { REMOTE_TOKEN = 33, REMOTE_ARGS = SSH_ARGS };

/* What all nodes have in common; borrowed. */
struct remote_fleet {
	const struct fleet_work *work;
	const char *shared; /* of the files, where they could be shared; NULL: not tried */
	const struct payload *payload; /* the files, and their sums */
	const char *sums;	       /* SHA-256 of those */
	const char *request;	       /* a line (node.h) */
	char token[REMOTE_TOKEN];
	int cancel_fd; /* hangs up when all is to end */
	/* Makes the files complete in the shared directory. */
	int (*share)(void *ctx, struct err *err);
	void *ctx;
};

/* By what. Functions that fill an err return -1. */
struct remote_way {
	/* The words of the program that has a shell there run this command, NULL behind the last;
	 * borrowed from both. */
	void (*arguments)(void *to, const char *command, const char *argv[REMOTE_ARGS]);
	/* It ended before the node said all, and this is what it printed. */
	int (*explain)(void *to, const char *printed, struct err *err);
	/* The script ended with "fail", and this behind it. 0: complaint.h knows it better. NULL:
	 * that knows all. */
	int (*refuse)(void *to, const char *said, struct err *err);
	/* The run was told to end there, not by us, and this is what the program printed. NULL: the
	 * run says enough. */
	int (*stopped)(void *to, const char *printed, struct err *err);
};

struct remote_node {
	const char *name;  /* in the fleet */
	const char *who;   /* in sentences, "ssh to big1" */
	const char *place; /* where there a directory is made; NULL: $TMPDIR there, or /tmp */
	const struct remote_way *way;
	void *to;		    /* for it */
	void (*started)(void *ctx); /* the run begins; may be NULL */
	void *ctx;
};

/* The option "dir", where on a node a directory is made; NULL: $TMPDIR there, or /tmp. EXIT_USAGE.
 */
int remote_place(const struct fleet *f, const char **place, struct err *err);

/*
 * 0: it was measured, and its run lies in DIR/NODE, checked; else -1 with why, EXIT_INTERRUPTED
 * where that was cancelled, and DIR/NODE holds what there is of a run that failed: its rows say
 * what. run: its id, untouched where there is none.
 */
int remote_measure(const struct remote_fleet *fleet, const struct remote_node *node,
		   char run[MANIFEST_NAME], struct err *err);

#endif
