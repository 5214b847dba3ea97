/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run directory of a node, from what an engine brought: made beside its place, checked against
 * the plan, then put there. What nodes send is untrusted.
 */
#ifndef NB_FLEET_COLLECT_H
#define NB_FLEET_COLLECT_H

#include "bench/fleet/unpack.h"
#include "results/fleet/state.h"
#include "results/rundir/rundir.h"

/* A stream of files on its way to a directory. */
struct collect {
	char dir[RUNDIR_PATH]; /* DIR/.NODE */
	int fd;		       /* of the file that is written; -1: none */
	struct unpack unpack;
};

/* DIR/.NODE, where what comes is gathered. EXIT_USAGE where that is too long. */
int collect_place(const char *dir, const char *node, char place[RUNDIR_PATH], struct err *err);

/* Makes the place anew. The caller calls collect_end, whatever happened. */
int collect_begin(struct collect *c, const char *dir, const char *node, struct err *err);
int collect_take(struct collect *c, const void *data, size_t len, struct err *err);

/* EXIT_MACHINE: the stream broke off. */
int collect_end(struct collect *c, struct err *err);

/*
 * Makes DIR/NODE of what lies in the node's place, after a check: it is a run directory with these
 * hashes and this seed. Fills in run. A directory that is there already is replaced. EXIT_MACHINE:
 * it is not that run. Calls of several nodes may come at once.
 */
int collect_accept(const char *dir, const struct fleet *f, const char *node,
		   char run[MANIFEST_NAME], struct err *err);

#endif
