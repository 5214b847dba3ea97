/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run of L0 and L1 with the fake driver that is interrupted and gone on with: two boots of three
 * rounds of two workloads.
 */
#ifndef NB_TEST_RESUME_WORLD_H
#define NB_TEST_RESUME_WORLD_H

#include "tests/check.h"

#include "bench/session/resume_state.h"
#include "bench/session/session.h"
#include "results/rundir/rows.h"
#include "tests/bench/fake.h"

enum { DEPTH = 1, ROUNDS = 3, BOOTS = 2, WORKS = 2, LAYERS = DEPTH + 1 };

struct world {
	char *dir;
	struct work_list works;
	struct manifest manifest;
	struct progress progress;
	struct err err; /* how the last start ended, where that was -1 */
};

/* Of the next starts. */
extern struct fake_script world_script;
extern double world_noise_limit; /* 0: rounds are not judged */
extern uint32_t world_restarts;	 /* of lost layers */

/*
 * The wish to stop comes when the clock has been read so many times: anywhere, but repeatably.
 * Calibration, which reads it most, counts as one.
 */
extern long world_readings_left;

void world_make(struct world *w);
void world_free(struct world *w);

/* One start of the run, stopped at the given reading of the clock (0: not); as session_run. It must
 * end well, or because it was stopped, L0 died or it was refused. */
int world_start(struct world *w, struct resume_state *resume_state, long stop_at);

/* The same with what is there already. */
int world_go_on(struct world *w, long stop_at);

#endif
