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

void fleet_nodes_release(struct fleet_nodes *n);

#endif
