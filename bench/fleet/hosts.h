/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which machines a fleet is: a list, in which ranges stand for many. */
#ifndef NB_FLEET_HOSTS_H
#define NB_FLEET_HOSTS_H

#include "results/fleet/state.h"

/*
 * Adds the nodes that a list names: "node[1-8],big1,admin@far:2222". What holds ranges
 * ("node[1-8]") or begins with '@' (a group of ClusterShell's) is expanded by nodeset or, where
 * that is not installed, scontrol. EXIT_MACHINE where neither is; EXIT_USAGE for a list that names
 * none, or one twice.
 */
int fleet_hosts_add(struct fleet *f, const char *list, struct err *err);

#endif
