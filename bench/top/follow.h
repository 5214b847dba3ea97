/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run that is under way, followed by its exits.csv: at each look only what was appended since the
 * last one is read. Nothing is asked of the run, which so is not disturbed.
 *
 * Rates are those of the batches whose rows came since the last look, of the newest workload; what
 * got no new row stays as it was, and grows older.
 */
#ifndef NB_TOP_FOLLOW_H
#define NB_TOP_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/top/view.h"
#include "lib/err.h"

struct follow;

/* The newest run below `base` that a process works on. EXIT_USAGE where there is none. */
int follow_find(const char *base, char dir[RUNDIR_PATH], struct err *err);

/* EXIT_USAGE when dir is no run directory. The caller ends it with follow_close. */
struct follow *follow_open(const char *dir, struct err *err);

/* Reads what came; `now_ns` is on any clock that does not go back, the same at each look. */
int follow_look(struct follow *f, uint64_t now_ns, struct err *err);

/* Whether no more will come, since no process works on the run. */
bool follow_has_ended(const struct follow *f);

/* Whether any row was read. */
bool follow_has_counts(const struct follow *f);

/* Fills a cleared view, which is good until the next look. */
int follow_show(struct follow *f, uint64_t now_ns, struct top_view *v, struct err *err);

void follow_close(struct follow *f); /* NULL is fine */

#endif
