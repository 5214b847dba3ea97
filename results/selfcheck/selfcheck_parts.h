/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the self-check: from the rows of a run to tries, and from tries to rates.
 */
#ifndef NB_SELFCHECK_PARTS_H
#define NB_SELFCHECK_PARTS_H

#include "results/selfcheck/selfcheck.h"

/* Fills in the A/A of all works, their sums over all, and s->tries. */
int selfcheck_find_alarms(struct selfcheck *s, struct err *err);

/* Fills in the results of the injections. */
int selfcheck_find_injections(struct selfcheck *s, struct err *err);

#endif
