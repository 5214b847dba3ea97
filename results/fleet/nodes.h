/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nodes of a directory whose folders are run directories: of a fleet, or of runs that somebody
 * collected by hand. A node's name is that of its folder.
 */
#ifndef NB_FLEET_NODES_H
#define NB_FLEET_NODES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

struct fleet_found {
	char *name; /* of its folder */
	char *run;  /* the id of the run that is its own, by fleet.json; NULL: that does not say */
	char *why; /* it was not measured, by fleet.json, and why; NULL: there is a run directory */
};

/* Zeroed: none. */
struct fleet_nodes {
	struct fleet_found *node; /* in the order of fleet_order() (state.h) */
	size_t count;
};

/* Whether dir is no run, but holds one or more. */
bool fleet_has_nodes(const char *dir);

/* Finds them: those of fleet.json where that is there, else folders that are run directories. *n is
 * empty before. EXIT_USAGE where there is none. */
int fleet_nodes_find(const char *dir, struct fleet_nodes *n, struct err *err);

/* Whether a node that holds this run holds its own (NULL: any is). EXIT_USAGE. */
int fleet_node_own(const char *own, const char *run, struct err *err);

/*
 * Whether the files of a node's run directory can be opened at all, which come from another
 * machine: no pipe, which would block, no device, nothing that is elsewhere, and no more than fits.
 * EXIT_USAGE where not; a file that need not be there may be missing.
 */
enum { FLEET_ROWS_MAX = 64 << 20, FLEET_LAYERS_MAX = 8 << 20 };
int fleet_node_check(const char *dir, struct err *err);

void fleet_nodes_release(struct fleet_nodes *n);

#endif
