/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranges of hosts ("node[1-8],big1") as the tools that are installed for them expand them. */
#ifndef NB_FLEET_HOSTNAMES_H
#define NB_FLEET_HOSTNAMES_H

#include "bench/run/rerun_argv.h"
#include "lib/err.h"

/*
 * Appends the names that a list stands for, by nodeset, which knows groups ("@rack") too, or by
 * scontrol, which wants a slurm.conf. EXIT_USAGE where it is no list for the tool; EXIT_MACHINE
 * where the tool is not installed, or does not work here.
 */
int hostnames_by_nodeset(const char *list, struct words *names, struct err *err);
int hostnames_by_scontrol(const char *list, struct words *names, struct err *err);

/* The same by whichever of the two works, nodeset first. */
int hostnames_expand(const char *list, struct words *names, struct err *err);

#endif
