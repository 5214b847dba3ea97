/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seam between a fleet and what reaches its nodes: ssh.c, slurm.c. An engine starts `nestbench
 * run` on nodes, tells how that ends, and brings each run directory to DIR/NODE. What is common to
 * all engines lies around it: the plan and the pilot, the state and its file, what is said,
 * resuming, checking the results (run.c, collect.c).
 *
 * The order of calls: open, then begin (of the pilot alone, then of all others), after each begin
 * next until every node that was begun is DONE or FAILED, and close, whatever happened. One thread
 * calls all of it. `cancel` may come after any begin.
 *
 * How an engine is added: a const struct fleet_engine, a line in engines.c, and the options that
 * choose it in fleet.c, which puts them into fleet->options (facts: text by name), where the engine
 * finds them, also when the fleet is resumed. Secrets stand in none of these.
 */
#ifndef NB_FLEET_ENGINE_H
#define NB_FLEET_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "bench/fleet/files.h"
#include "bench/run/rerun_argv.h"
#include "lib/err.h"
#include "results/fleet/state.h"

/* What an engine works on; borrowed until it is closed. */
struct fleet_work {
	const char
		*dir; /* of the fleet, absolute; DIR/.files and other names with a dot are free */
	const struct fleet *fleet; /* names, jobs, options, parallel; changed by the caller alone */
	const struct fleet_files *files; /* what a node needs to run it: see files.h */
};

/* What became of a node. RUNNING: it began, or its job has another name than before (a job that
 * waits in the queue of a scheduler is still WAITING, with the name of its job). */
struct fleet_change {
	size_t node; /* index in fleet->node */
	enum fleet_node_state state;
	char run[MANIFEST_NAME]; /* of DONE, and of FAILED where DIR/NODE is there: id of the run */
	char job[FLEET_JOB]; /* what the engine calls it, for the file: "" where there is nothing */
	struct err why;	     /* of FAILED: one sentence that names the node and what to do */
};

struct fleet_engine {
	const char *name; /* as in fleet.json */

	/* Connects, checks what it needs here (EXIT_MACHINE), starts nothing. NULL with an err. */
	void *(*open)(const struct fleet_work *work, struct err *err);

	/*
	 * Has `nestbench` run with these words (from "run" on, without --out and --image, which the
	 * engine adds) on the nodes of these indices, at most fleet->parallel at once. argv is
	 * borrowed until all of them are DONE or FAILED. Returns at once; what goes wrong on a node
	 * is that node's change, -1 only where nothing can go on. A node whose `job` is not empty
	 * was begun by an earlier command: an engine whose jobs live on without it (Slurm) takes
	 * that job up again, others begin anew.
	 */
	int (*begin)(void *engine, const size_t *node, size_t count, const struct words *argv,
		     struct err *err);

	/*
	 * Waits for the next change, at most limit_ns, and until interrupt_fd() (lib/interrupt.h)
	 * is readable, unless cancelled. 1: *change is filled; 0: there is none so far; -1: the
	 * engine as a whole came to an end. DONE is told only when DIR/NODE is there as a whole: it
	 * is made beside it, as DIR/.NODE, by collect.h, which also checks what has come, and
	 * renamed.
	 */
	int (*next)(void *engine, uint64_t limit_ns, struct fleet_change *change, struct err *err);

	/* Ends what was begun, so that the runs put everything back; next then tells each as
	 * FAILED, EXIT_INTERRUPTED, as it ends. Called at most once. */
	void (*cancel)(void *engine);

	/* Ends whatever still runs and frees; NULL is fine. */
	void (*close)(void *engine);
};

#endif
