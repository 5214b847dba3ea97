/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an interrupted run has measured already, from its rows: so that the run can be completed
 * with no row twice. A NULL one is that of a new run, which has nothing.
 *
 * How an interrupted boot is resumed. All layers are started again, under the same boot number, and
 * the jobs that are missing are measured in the planned order. Boots are the unit of replication,
 * and one that was made of two starts is still one draw that depends on no other boot; what it
 * costs is said, not hidden: layers.csv tells from which round on it was resumed, summaries flag
 * it, and where a workload's layers were measured in one round before and after the interruption,
 * the later rows are suspect, because that ratio is not formed between neighbours in time. Of a job
 * that was cut short the missing batches are measured, after the usual warm-up and those that are
 * there.
 */
#ifndef NB_RESUME_STATE_H
#define NB_RESUME_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/plan/plan.h"
#include "bench/plan/profile.h"
#include "lib/err.h"

/* Of layers.csv: "round 3", the first round that was measured after the latest start of the boot.
 */
#define RESUME_STATE_FACT "resumed"
/* What a row says that was measured after the interruption, while others of its ratio were before.
 */
#define RESUME_STATE_APART                                                                         \
	"resumed: other rows of this workload and round come from before the interruption"

struct resume_state;

/*
 * Reads the rows of the run directory. Works that the list does not know, and rows of another run,
 * are an error (EXIT_USAGE): then the rows are of another plan. NULL with an err.
 */
struct resume_state *resume_state_read(const char *dir, const char *run,
				       const struct work_list *works, struct err *err);
void resume_state_free(struct resume_state *r); /* NULL is fine */

/*
 * Refuses to resume (EXIT_MACHINE) where something is no longer what it was, since the rows would
 * not go together; NULL is not known, and not the same as anything.
 */
int resume_state_same(const char *what, const char *before, const char *now, struct err *err);

/* How many batches of a job are there, warm-up included. */
uint64_t resume_state_batches(const struct resume_state *r, const struct job *job);

/* Whether a job needs nothing more: all its batches are there, or a row says why it has none. */
bool resume_state_done(const struct resume_state *r, const struct job *job, uint64_t batches);

/* Whether another layer's rows of the same workload, round and boot are there. */
bool resume_state_has_partner(const struct resume_state *r, const struct job *job);

/* Whether a layer has the row of its start in this boot. */
bool resume_state_has_start(const struct resume_state *r, uint32_t boot, uint32_t layer);

/* Whether there is any row of this boot. */
bool resume_state_has_boot(const struct resume_state *r, uint32_t boot);

/* The last round of this boot that has a row, also one that measures another again; 0: there is
 * none. */
uint32_t resume_state_last_round(const struct resume_state *r, uint32_t boot);

/* The round that measures this one again in its boot, as far as it came; 0: none does. */
uint32_t resume_state_remeasure(const struct resume_state *r, uint32_t boot, uint32_t round);

#endif
