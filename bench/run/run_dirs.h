/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The places of a run: its directory, the registered work directory for sockets and logs, and the
 * scratch file. Nothing but the run directory outlives it.
 */
#ifndef NB_PLACES_H
#define NB_PLACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/cleanup/owners.h"
#include "lib/err.h"
#include "results/rundir/rundir.h"

#define PLACES_SCRATCH "scratch.img" /* in the run directory */

struct places {
	char dir[RUNDIR_PATH];	   /* the run directory, as the user named it */
	char scratch[RUNDIR_PATH]; /* absolute; "": none */
	struct claim claim;
	bool made;   /* the directory was not there before, and is empty so far */
	mode_t mode; /* that the directory had before it was opened to a service; 0: it was not */
};

#define PLACES_NONE                                                                                \
	{                                                                                          \
		.claim = CLAIM_NONE                                                                \
	}

struct places_wanted {
	const char *out;     /* the run directory; NULL: nestbench-runs/RUN */
	const char *connect; /* URI of a service, or NULL: its VMs have to reach the files */
	bool old;	     /* the directory is there: the run is resumed */
	bool alongside;	     /* another run under way is no reason to refuse */
};

/* The name of this machine, fit for a terminal (printable.h). */
void places_name_host(char host[MANIFEST_NAME]);

/*
 * An id that no other run has, and the host: "20260131T120000Z-host-9c40a77c1", with the millionths
 * of the second and four digits of chance behind the host, so that ids stand in the order of time.
 * Letters, digits and dashes only, as in file and domain names.
 */
void places_name_run(char run[MANIFEST_NAME], char host[MANIFEST_NAME]);

/* Registers the run, makes or opens its directory and locks it. On failure nothing is left, but for
 * a new directory that another run has locked meanwhile. */
int places_open(struct places *p, const char *run, const struct places_wanted *want,
		struct err *err);

/* Makes the scratch file. */
int places_add_scratch(struct places *p, uint64_t bytes, const char *connect, struct err *err);

/*
 * Removes all but the run directory, and that too where it was made here and is still empty.
 * Processes that are left although the session has ended (its reaper was killed, too) are ended
 * here, and what they were assigned is put back. Where that fails the place stays, for `nestbench
 * clean`.
 */
int places_close(struct places *p, struct err *err);

#endif
