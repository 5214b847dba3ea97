/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A step of Slurm (srun) in a job whose node does not share DIR: by it the node is reached as by
 * ssh (remote.h). The job's script made a directory there, and lasts as long as the step.
 */
#ifndef NB_FLEET_SLURM_STEP_H
#define NB_FLEET_SLURM_STEP_H

#include "bench/fleet/remote.h"
#include "bench/fleet/slurm_tools.h"

/*
 * The directory of a job, in --dir, $TMPDIR or /tmp, with its number behind, holds:
 *
 *   begin, over   pipes: the step opens the one once it is there, and holds the other
 *   taken         made by the step that the job is for
 *   pid           of what passes the step's stdin on: at its end the run is ended in order
 *   why           SLURM_STEP_WHY and a word, where Slurm wanted that
 */
#define SLURM_STEP_DIR "nestbench-job-"
#define SLURM_STEP_WHY "nestbench-told-to-end "
/* For so long a job waits for its step. */
#define SLURM_STEP_WAIT_S "600"

/* NOT_YET: the node shares DIR, or its script is not that far. OF_ANOTHER: it had its step. */
enum slurm_refusal { SLURM_NOT_REFUSED, SLURM_NOT_YET, SLURM_OF_ANOTHER };

struct slurm_step {
	const char *node;     /* its name; borrowed */
	const char *place;    /* where its job made a directory; NULL: see remote.h; borrowed */
	struct slurm_job job; /* which runs */
	enum slurm_refusal refusal;
	char number[SLURM_ID + 16]; /* its own, of the job */
};

/* `to` is a struct slurm_step. */
extern const struct remote_way slurm_step_way;

/* As remote_node.place: in the directory of the job. */
#define SLURM_STEP_PLACE "\"$d\""

#endif
