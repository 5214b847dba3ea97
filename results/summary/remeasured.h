/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the summary: rounds that were remeasured because they were disturbed. samples.csv alone
 * decides, by the column `repeats` of the new round's rows.
 *
 * For each workload (with its parameters and threads) separately, the new round counts in place of
 * the disturbed one and under its number, and the rows of the disturbed one count nowhere. This
 * holds only when every layer that has batches in the disturbed round has some in the new one:
 * ratios are of one round. Otherwise, as when the run ended meanwhile, the disturbed round counts
 * and the new one does not. Whether the new one was disturbed as well makes no difference: a choice
 * between the two would have to look at how much, and each is as likely as the other to be right.
 */
#ifndef NB_REMEASURED_H
#define NB_REMEASURED_H

#include "results/summary/collect.h"

/* The number of groups, from the first on, of the same work, one a layer. */
size_t groups_of_work(const struct collection *c, size_t first);

/* The index after the last record of one round; the records are sorted. */
size_t end_of_round(const struct group *g, size_t first);

/* Decides which of the records count and drops the others. The groups are sorted, and so are their
 * records, before and after. */
int remeasured_settle(struct collection *c, struct err *err);

#endif
