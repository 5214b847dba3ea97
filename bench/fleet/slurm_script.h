/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a job of Slurm, a task of an array, runs on its node, and what it leaves in
 * DIR/.jobs/ARRAY_TASK/, where the node shares that file system with us: `name` (of the job), `run`
 * (the run directory), `log` (what the run said), and at last `end` (how it ended). It uses the
 * files in DIR/.files where they lie. On other nodes it waits for a step of ours, and ends with it.
 */
#ifndef NB_FLEET_SLURM_SCRIPT_H
#define NB_FLEET_SLURM_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/fleet/engine.h"

#define SLURM_JOBS ".jobs"

/* Writes the script, which knows the node that each task is for, and returns its path. */
int slurm_script_write(const char *dir, const struct fleet *f, char path[RUNDIR_PATH],
		       struct err *err);

/* Adds the words behind the script: where things lie, and directories are made (place), for which
 * node the task of number 0 stands, then those of the run. */
int slurm_script_words(const struct fleet_work *work, const char *place, size_t base,
		       const struct words *run, struct words *w, struct err *err);

/* Whether the job of this id began, and its node shares DIR; it may be seen later than it is so. */
bool slurm_shares(const char *dir, const char *id);

/* How a job ended, as it says itself. */
enum slurm_why { SLURM_BY_ITSELF, SLURM_LIMIT, SLURM_SIGNAL };
struct slurm_end {
	int code;		 /* of nestbench run */
	enum slurm_why why;	 /* SIGNAL: it was told to end */
	char said[ERR_TEXT / 2]; /* the last line that the run said */
};

/* False: it did not end, or it is not the job of that name. */
bool slurm_end_read(const char *dir, const char *id, const char *name, struct slurm_end *end);

#endif
