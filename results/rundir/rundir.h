/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The run directory and its manifest.json.
 */
#ifndef NB_RUNDIR_H
#define NB_RUNDIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/facts.h"
#include "lib/layer_tree.h"
#include "results/rundir/column.h"

/*
 * Makes the directory with its missing parents; a new one is the user's alone (mode 0700).
 * EXIT_USAGE when it exists and holds anything, or cannot be made or written.
 */
int rundir_create(const char *path, struct err *err);

/* Checks that path is a run directory, which is one that holds a samples.csv. Else EXIT_USAGE. */
int rundir_open(const char *path, struct err *err);

/* Joins a directory and a name. EXIT_USAGE when that is too long. */
enum { RUNDIR_PATH = 4096 };
int rundir_path(const char *dir, const char *name, char path[RUNDIR_PATH], struct err *err);

enum run_state { RUN_RUNNING, RUN_COMPLETE, RUN_INTERRUPTED };

const char *run_state_name(enum run_state s); /* "running", "complete", "interrupted" */

#define MANIFEST_FILE "manifest.json"

/* What stands in it. */
column_fn manifest_member;

enum { MANIFEST_FORMAT = 2 };
enum { MANIFEST_NAME = 64, MANIFEST_TIME = 32 };

/* One workload with its parameters; the plan measures each in every layer of every round and boot.
 */
struct manifest_job {
	char *workload;
	char *params; /* canonical text, "" when there are none */
	uint32_t threads;
	uint64_t ops; /* of every batch, as calibrated; 0: not known yet */
};

/* Zeroed: an empty one. */
struct manifest {
	/* Of the manifest and the rows together (rows.h); 0 is MANIFEST_FORMAT when it is saved. */
	uint32_t format;
	char run[MANIFEST_NAME];     /* id, as in the rows */
	char host[MANIFEST_NAME];    /* name of the machine */
	char profile[MANIFEST_NAME]; /* "quick", … */
	char mode[MANIFEST_NAME]; /* "shape": every measured layer has the same vCPUs and memory */
	char started[MANIFEST_TIME]; /* UTC, as manifest_now writes it */
	char ended[MANIFEST_TIME];   /* "" while it runs */
	enum run_state state;
	uint64_t seed;
	uint32_t depth; /* of the deepest layer */
	/* Of a run that does not say them: the chain of that depth. */
	struct layer_tree layers;
	uint32_t boots, rounds, batches;
	bool host_is_vm; /* L0 is itself a VM */
	/* The command line, word by word, of any bytes (json.h); NULL-terminated, or NULL for
	 * none. */
	char **command;
	struct manifest_job *job;
	size_t jobs;
	struct facts versions; /* nestbench, what runs layers, … */
	struct facts hashes;   /* nestkernel, image, … */
	struct facts more;     /* whatever else is worth keeping */
	void *unknown;	       /* members that this version does not know: kept when saved again */
};

/* Both copy what they are given; -1 only when memory runs out. */
int manifest_set_command(struct manifest *m, const char *const argv[], struct err *err);
int manifest_add_job(struct manifest *m, const char *workload, const char *params, uint32_t threads,
		     struct err *err);

/* "2026-01-31T12:00:00Z" */
void manifest_now(char text[MANIFEST_TIME]);

/* Writes dir/manifest.json whole or not at all, in the format that it was read in. */
int manifest_save(const char *dir, const struct manifest *m, struct err *err);

/*
 * Reads dir/manifest.json (at most 4 MiB). *m is empty before, and untouched on failure. EXIT_USAGE
 * with the line, or the member and what was expected of it.
 */
int manifest_load(const char *dir, struct manifest *m, struct err *err);

/* The same from a text of len bytes; `name` stands in for the path in errors. */
int manifest_parse(const char *name, const char *text, size_t len, struct manifest *m,
		   struct err *err);

void manifest_release(struct manifest *m);

#endif
