/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of Slurm that an engine needs: sbatch, squeue, scancel, sinfo, scontrol. They find
 * the cluster as the user's own do (SLURM_CONF), and need no accounting. What they print is read by
 * formats that we ask for; other lines, as of wrappers and warnings, are passed over.
 */
#ifndef NB_FLEET_SLURM_TOOLS_H
#define NB_FLEET_SLURM_TOOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/run/rerun_argv.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/err.h"

/* They try for 10 s and more where the controller is away. */
#define SLURM_ASK_NS (60 * NS_PER_S)

enum slurm_phase { SLURM_WAITS, SLURM_RUNS, SLURM_ENDED };

enum { SLURM_WORD = 64, SLURM_REASON = 128, SLURM_NAME = 320, SLURM_ID = 24 };

/* A task of an array; array 0: none. */
struct slurm_id {
	uint32_t array, task;
};

/* "12_3", or "". Returns text. */
char *slurm_id_format(const struct slurm_id *id, char text[SLURM_ID]);
/* False, and untouched: it is no such text. */
bool slurm_id_parse(const char *text, struct slurm_id *id);
bool slurm_id_same(const struct slurm_id *a, const struct slurm_id *b);

/* A task of an array as squeue shows it. */
struct slurm_job {
	struct slurm_id id;
	uint32_t number; /* once it runs: its own, by which srun knows it */
	enum slurm_phase phase;
	char state[SLURM_WORD];	   /* "PENDING", "NODE_FAIL", … */
	char reason[SLURM_REASON]; /* "Resources", "JobHeldUser", "None", …; cut */
	char limit[SLURM_WORD];	   /* of its time: "1:00:00", "UNLIMITED" */
	char name[SLURM_NAME];
};

/* Parses one line of squeue; false: it is none, or of a job that is in no array. */
bool slurm_job_parse(const char *line, struct slurm_job *job);

/* Whether a job that waits for this reason, for this node alone, goes on waiting when all nodes are
 * free: held, its node is down, it asks for what there is not. */
bool slurm_is_blocked(const char *reason, const char *node);

/*
 * Calls each() for every job of the user whose name begins with front, also those that ended a
 * while ago. -1 where Slurm's controller does not answer.
 */
typedef void (*slurm_each)(void *ctx, const struct slurm_job *job);
int slurm_queue(const char *front, slurm_each each, void *ctx, struct err *err);

/* Runs sbatch with these words behind its own. EXIT_MACHINE with what it says; *away: it did not
 * reach the controller, and the job may be there all the same. */
int slurm_submit(const struct words *w, uint32_t *id, bool *away, struct err *err);

/* Tells a task that is held its node, and releases it. Fails as above; it may be done again. */
int slurm_let_begin(const struct slurm_id *id, const char *node, bool *away, struct err *err);

/* The environment of jobs and steps is that of a shell, since what the submitting machine has need
 * not be there. */
#define SLURM_ENVIRONMENT "--export=PATH,HOME,USER,LOGNAME"

/* Says of a node's job that it was told to end, or came to its time limit. Returns -1. */
int slurm_told_to_end(const char *node, const struct slurm_job *job, bool by_limit,
		      struct err *err);

/* Whether it did not end, and is not about to. */
bool slurm_job_goes_on(const struct slurm_job *job);

/* Ends jobs, whatever signal to stop came to us: at once, or, where they run, in order, by SIGTERM
 * to their scripts, which is lost where a script is not under way yet. */
int slurm_cancel(const struct slurm_id *id, size_t count, bool in_order, struct err *err);

/*
 * Appends the names of nodes: those of a list as Slurm writes it ("n[1-3],big"), or, where it is
 * NULL, all of a partition (NULL: the default one). EXIT_USAGE where there is no such partition, or
 * it is no list; EXIT_MACHINE without Slurm.
 */
int slurm_nodes(const char *partition, const char *list, struct words *names, struct err *err);

/* Appends the names of all nodes on which nothing runs. */
int slurm_idle(struct words *names, struct err *err);

/* Tasks of an array have numbers below it (MaxArraySize). EXIT_MACHINE. */
int slurm_room(uint32_t *room, struct err *err);

#endif
