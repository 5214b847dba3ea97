/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What killed processes of nestbench left on this machine: processes, domains, directories, files,
 * manifests that say "running". Only what is registered (registry.h) or lies in a run directory is
 * touched, only this user's, and never what a living process uses.
 */
#ifndef NB_LEFTOVERS_H
#define NB_LEFTOVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

struct cleaning {
	bool dry_run;				  /* only look and tell */
	void (*say)(void *ctx, const char *line); /* what was found, a line each */
	void *say_ctx;
	uint64_t service_limit_ns; /* how long a service may take to answer; 0: 30 s */
	int found;		   /* things that were there, over all calls */
	int troubles;		   /* of these could not be removed; they were said */
};

/*
 * Everything that dead processes left behind. The place of one whose things could not all be put
 * back stays, so that the next call tries again. -1 when it cannot look, or is interrupted.
 */
int leftovers_clean(struct cleaning *c, struct err *err);

/*
 * A run directory whose process is dead: its scratch file and half-written files go, and a manifest
 * in state "running" becomes "interrupted". EXIT_USAGE when it is none, or in use.
 */
int leftovers_clean_dir(struct cleaning *c, const char *dir, struct err *err);

#endif
