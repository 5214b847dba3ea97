/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One plan for all nodes: the words of `nestbench run` with one seed, and with counts that do not
 * depend on the node. Counts that run would choose itself (--budget, --precision) are found by a
 * pilot, the first node that can be measured, and are then the same everywhere.
 */
#ifndef NB_FLEET_PLAN_H
#define NB_FLEET_PLAN_H

#include <stdbool.h>

#include "bench/fleet/files.h"
#include "bench/run/rerun_argv.h"
#include "results/fleet/state.h"

struct fleet_plan {
	struct words words; /* from "run" on, for every node; of the pilot until counts are known */
	struct image image; /* what layers are started from; without a directory: none is */
	bool needs_pilot;   /* the counts are not known yet */
};

#define FLEET_PLAN_INIT                                                                            \
	{                                                                                          \
		.image = IMAGE_NONE                                                                \
	}

/* The options of run that a fleet is asked for, with what is configured for run on this machine; as
 * words, NULL behind the last. The caller frees them by member_words_free. */
char **fleet_plan_options(const char *const *given, struct err *err);

/*
 * Checks the run_options of the fleet as run does, but for what this machine has; fills in its seed
 * (where that is 0) and, where they are given, the counts, and makes the image. With counts that
 * the fleet knows already these hold. The caller releases the plan, also after a failure.
 */
int fleet_plan_make(struct fleet_plan *p, struct fleet *f, struct err *err);

/* Takes the counts of the pilot's run, in dir/NODE. They bound the others' work: EXIT_MACHINE for
 * counts that no run has. */
int fleet_plan_settle(struct fleet_plan *p, struct fleet *f, const char *dir, const char *node,
		      struct err *err);

void fleet_plan_release(struct fleet_plan *p);

#endif
