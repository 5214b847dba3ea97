/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a self-check measures and how long. What is found is computed from the rows of that run
 * (results/selfcheck/selfcheck.h).
 */
#ifndef NB_SELFCHECK_PLAN_H
#define NB_SELFCHECK_PLAN_H

#include "lib/options.h"

/* What can be checked: "alarms", and kinds of injection; NULL ends it. */
extern const char *const selfcheck_names[];

/* Lanes of each work in the A/A check: half as many pairs. */
enum { SELFCHECK_LANES = 4 };

/*
 * Fills in the patterns of a run (as of work_list_make) that measures what the three checks need:
 * A/A of what the user's patterns pick from the profile quick (none: a choice of its own), the
 * floor (nop, clock, a batch of one empty operation), and the injections. `checks` names those that
 * are wanted, "alarms" and kinds of injection (none: all); the floor always is. *out is empty
 * before; its texts are owned, also after a failure.
 */
int selfcheck_choose(const struct text_list *checks, const struct text_list *patterns,
		     struct text_list *out, struct err *err);
void selfcheck_release_choice(struct text_list *choice);

/*
 * How many rounds to make in all: whole tries, at least one, at most max_tries, as many as the time
 * allows. `done` (at least 1) rounds took rounds_ns; left_ns is what is left of the time.
 */
uint32_t selfcheck_rounds(uint32_t rounds_of_try, uint32_t max_tries, uint32_t done,
			  uint64_t rounds_ns, uint64_t left_ns);

#endif
