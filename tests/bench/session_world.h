/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run with the fake driver, for tests of the session: layers L0 to L2, two workloads, two rounds,
 * no VM; and what it left in its files.
 */
#ifndef NB_TEST_SESSION_WORLD_H
#define NB_TEST_SESSION_WORLD_H

#include "tests/check.h"

#include "bench/session/session.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "tests/bench/fake.h"

enum { DEPTH = 2, ROUNDS = 2, WORKS = 2 };

/* Rows of a layer that are ok when all goes well. */
enum { ALL = ROUNDS * WORKS * FAKE_BATCHES };

struct world {
	char *dir;
	int interrupt[2];
	struct work_list works;
	struct manifest manifest;
	struct progress progress;
	uint32_t unreached;
	struct err why, err;
	int done;
	session_next_fn next;
	const char *disk; /* of the guest image; NULL: none */
	uint32_t guests;  /* 0: one */
	uint32_t asked;	  /* how often next was */
	double noise_limit;
	uint32_t restarts;
	session_may_fn may_remeasure;
};

/* Counts of rows: by layer and status, and planned jobs that left none. */
struct tally {
	uint64_t rows[DEPTH + 1][SAMPLE_SUSPECT + 1];
	bool seen[ROUNDS + 1][DEPTH + 1][WORKS];
	uint64_t boots[DEPTH + 1];
	char reason[SAMPLE_REASON]; /* of the last row that was not ok */
	struct sample last_ok[DEPTH + 1];
};

/* What is asked for may be changed before the run. world_run() says nothing, and fails where
 * anything that was started is left. */
void world_make(struct world *w);
void world_run(struct world *w, struct fake_script script);
void world_free(struct world *w);

/* Reads the rows back; every planned job must have left at least one. */
void world_tally(const struct world *w, struct tally *t);

/* Reads the layers of the run, which the caller releases: what the first boot says, or NULL. */
const char *world_fact(const struct world *w, struct layers *layers, uint32_t layer,
		       const char *key);

#endif
