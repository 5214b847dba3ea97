/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the summary: rounds that were measured again because they were disturbed. samples.csv
 * alone decides, by what the rows of a repeat say (SAMPLE_REPEATS of lib/sample.h).
 *
 * For each workload (with its parameters and threads) apart, the repeat counts in the place and
 * under the number of the round that it repeats, whose rows count nowhere then. It does so only
 * when every layer that has batches in the disturbed round has some in the repeat: ratios are of
 * one round. Otherwise, as when the run ended meanwhile, the disturbed round counts and the repeat
 * does not. Whether the repeat was disturbed as well makes no difference; a choice between the two
 * would have to look at how much, and each is as likely as the other to be right.
 */
#ifndef NB_REPEATS_H
#define NB_REPEATS_H

#include "results/summary/collect.h"

/* How many groups from the first on are of the same work, each in a layer. */
size_t groups_of_work(const struct collection *c, size_t first);

/* The record behind those of one round; the records are sorted. */
size_t end_of_round(const struct group *g, size_t first);

/* Settles which of the records count and drops the others. The groups are sorted, and so are their
 * records, before and after. */
int repeats_settle(struct collection *c, struct err *err);

#endif
