/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A control group of its own that limits the memory of the processes in it, for a container without
 * a service that makes one (cgroups(7), version 1 or 2). It stands where this process may make one:
 * in its own group (version 1), else in the nearest group around it that manages the memory of its
 * children and is ours to write (version 2): the system's as root, one that was delegated else.
 */
#ifndef NB_CONTAINER_MEMORY_GROUP_H
#define NB_CONTAINER_MEMORY_GROUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

struct memory_group {
	char dir[PATH_MAX]; /* "" for none */
};

/*
 * The directory in which a group can be made, below root ("" for this machine); *version is 1 or 2,
 * 0 where the memory is in no hierarchy. EXIT_MACHINE with the reason and the way to fix it.
 */
int memory_group_base(const char *root, char dir[PATH_MAX], int *version, struct err *err);

/* Makes the group of this name. On failure there is none. */
int memory_group_make(struct memory_group *g, const char *root, const char *name, uint64_t bytes,
		      struct err *err);

/* Removes it once its processes have ended; they have 2 s. One that is not there is fine. */
void memory_group_remove(struct memory_group *g);

/* Removes groups whose names begin with prefix where such ones are made; with dry_run it only
 * looks. Names them in *said. Returns how many there were. */
int memory_group_sweep(const char *root, const char *prefix, bool dry_run, struct buf *said);

#endif
