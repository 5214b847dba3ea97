/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the engine of Slurm. Nodes are measured by the tasks of job arrays, each of which has
 * its node alone: slurm_array.c submits them, slurm_look.c looks what becomes of them, slurm_end.c
 * takes what they leave, slurm_serve.c runs steps in those whose nodes do not share DIR. slurm.c is
 * the seam to engine.h.
 */
#ifndef NB_FLEET_SLURM_ENGINE_H
#define NB_FLEET_SLURM_ENGINE_H

#include "bench/fleet/engine.h"
#include "bench/fleet/remote.h"
#include "bench/fleet/slurm_tools.h"
#include "lib/clock.h"

#define SLURM_LOOK_NS (2 * NS_PER_S)

/* IDLE: nothing is asked of it, or all was told. WANTED: to be submitted. HELD: in an array, whose
 * task does not know its node yet. SUBMITTED: it does. */
enum slurm_at { SLURM_IDLE, SLURM_WANTED, SLURM_HELD, SLURM_SUBMITTED };

/* A node. */
struct slurm_item {
	enum slurm_at at;
	struct slurm_id id;    /* of its task; zeroed: none */
	struct slurm_job seen; /* as Slurm last showed it */
	bool is_seen;	       /* at the last look */
	bool is_free;	       /* the node was idle before it was submitted */
	uint64_t ended_ns;     /* since when Slurm says that it ended; 0: it does not */
	uint64_t blocked_ns;   /* since when it waits for what does not come; 0: it does not */
	uint64_t serve_ns;     /* when it gets a step, unless it shares DIR; 0: it does not run */
	uint64_t patience_ns;  /* then so long until the next, if its job takes none */
	struct slurm_service *service; /* its step; NULL: there is none */
	bool changed;
	struct fleet_change change;
};

struct slurm_engine {
	const struct fleet_work *work;
	const struct words *argv;
	struct slurm_item *item; /* one for each node of the fleet */
	const char *place;	 /* where on a node a directory is made; NULL: see remote.h */
	char front[SLURM_WORD];	 /* of the names of arrays: one for each fleet and argv */
	uint32_t room;		 /* tasks of one array have numbers below it */
	char script[RUNDIR_PATH];
	uint64_t look_ns;   /* when to look again */
	uint64_t away_ns;   /* since when the controller does not answer; 0: it does */
	uint64_t cancel_ns; /* when it was cancelled; 0: it was not */
	bool is_looked;	    /* since the last begin, or a submission that may have got through */
	bool knows_free;    /* is_free holds for those that are WANTED */
	/* For steps. */
	struct remote_fleet remote;
	struct payload payload;
	struct buf request;
	char sums[SHA256_HEX];
	int cancel[2]; /* the writing end is closed to cancel */
	int news;      /* an eventfd: a step ended */
};

/* ---- slurm_names.c ---- */

const char *slurm_node_name(const struct slurm_engine *e, const struct slurm_item *it);

/* The index of the node for which the task of number 0 stands, in the array of this one. */
size_t slurm_array_base(const struct slurm_engine *e, const struct slurm_item *it);

/* The name of the array whose task this node's is. */
void slurm_array_name(const struct slurm_engine *e, const struct slurm_item *it,
		      char name[SLURM_NAME]);

/* The node for which a task of such a name stands; NULL: there is none. */
struct slurm_item *slurm_array_find(struct slurm_engine *e, const struct slurm_job *job);

/* ---- slurm_array.c ---- */

/* Submits one array, or lets one of its tasks begin; false: there is nothing to do for now. */
bool slurm_array_go_on(struct slurm_engine *e);

/* Has a task that keeps others of its array waiting submitted anew, alone. */
void slurm_array_loosen(struct slurm_engine *e);

/* ---- slurm_look.c ---- */

void slurm_look(struct slurm_engine *e);

/* Ends those that run, in order or at once; those that wait, at once. */
void slurm_end_jobs(struct slurm_engine *e, bool running, bool in_order);

/* ---- slurm_serve.c ---- */

/* Before anything else; closed also after a failure. */
int slurm_serve_open(struct slurm_engine *e, struct err *err);

/* What steps bring, and run: the files are placed, and e->argv is known. */
int slurm_serve_begin(struct slurm_engine *e, struct err *err);

/* Looks after a task that Slurm knows and that has no step: starts one where it is due. */
void slurm_serve(struct slurm_engine *e, struct slurm_item *it, uint64_t now);

/* Takes what came of steps that ended. */
void slurm_serve_take(struct slurm_engine *e);

/* Has all steps end. */
void slurm_serve_cancel(struct slurm_engine *e);

/* Waits for those that are left. */
void slurm_serve_close(struct slurm_engine *e);

/* ---- slurm_end.c ---- */

void slurm_tell(struct slurm_engine *e, struct slurm_item *it, enum fleet_node_state state);

/* Tells it as FAILED, for change.why, unless it was cancelled; with what there is of its run. */
void slurm_fail(struct slurm_engine *e, struct slurm_item *it);

/* Whether its job says how it ended, and then tells that; only_good: if it ended well. */
bool slurm_end_by_itself(struct slurm_engine *e, struct slurm_item *it, bool only_good);

/* Slurm says that it ended, or knows it no more. */
void slurm_end_by_slurm(struct slurm_engine *e, struct slurm_item *it);

#endif
