/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What decides whether, and by what, containers can be made here. */
#ifndef NB_CONTAINER_ABILITY_H
#define NB_CONTAINER_ABILITY_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "drivers/container/daemon.h"

struct ability {
	bool root;		  /* the user is root of the machine, not of a user namespace */
	bool admin;		  /* with CAP_SYS_ADMIN: namespaces without a user namespace */
	uint64_t user_namespaces; /* so many may be made */
	const char *forbidden; /* the switch that keeps users from making them; NULL: none does */
	bool fuse;	       /* the kernel has that file system */
	char bwrap[PATH_MAX];  /* "": not installed */
	struct daemon_parts lxc;
	int cgroup;	  /* the version that has the memory; 0: none */
	char groups[512]; /* why no memory group can be made; "": it can */
};

/* Reads it below root; "" for this machine. Programs are looked for on PATH. */
void ability_read(const char *root, struct ability *a);

/* Why not, with the way to fix it, in *why; false: they can. */
bool ability_lacks_lxc(const struct ability *a, struct err *why);
bool ability_lacks_bwrap(const struct ability *a, struct err *why);

#endif
