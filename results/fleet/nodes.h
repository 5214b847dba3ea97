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

/* Zeroed: none. */
struct fleet_nodes {
	char **name; /* in the order of fleet_order(), each that of a run directory */
	size_t count;
};

/* <0, 0, >0 as strcmp. The order in which nodes are listed everywhere, as people count: node2
 * before node10. */
int fleet_order(const char *a, const char *b);

/* Whether dir is no run, but holds one or more. */
bool fleet_has_nodes(const char *dir);

/* Finds them. *n is empty before. EXIT_USAGE where dir holds no run directory. */
int fleet_nodes_find(const char *dir, struct fleet_nodes *n, struct err *err);

/*
 * Whether the files of a node's run directory can be opened at all, which come from another
 * machine: no pipe, which would block, no device, nothing that is elsewhere, and no more than fits.
 * EXIT_USAGE where not; a file that need not be there may be missing.
 */
enum { FLEET_ROWS_MAX = 64 << 20, FLEET_LAYERS_MAX = 8 << 20 };
int fleet_node_check(const char *dir, struct err *err);

void fleet_nodes_release(struct fleet_nodes *n);

#endif
