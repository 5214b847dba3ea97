/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the table: a run's results in sentences.
 */
#ifndef NB_WORDS_H
#define NB_WORDS_H

#include "lib/buf.h"
#include "results/summary/summary.h"

/* The beginning of a paragraph. */
#define POINT "  - "

/* Whether the claim held, for each class and over all. */
void words_verdict(const struct summary *s, size_t width, struct buf *out);

/* Which kind of layer suits a database, a web service, GPU work; nothing without several kinds. */
void words_kinds(const struct summary *s, size_t width, struct buf *out);

/* Its basis: rounds, boots, emulation, the host, and rows that are missing or suspect, with
 * reasons. */
void words_grounds(const struct summary *s, size_t width, struct buf *out);

/* Parts of the two: overheads too small to be found, rounds that were disturbed and remeasured,
 * CPUs that show less than the parent layer's, series that are not steady or have two modes, layers
 * that were started again or lost before the first round, workloads that need more CPUs than the
 * layers have; and the remarks of the rows. Nothing when there are none. */
typedef void words_fn(const struct summary *s, size_t width, struct buf *out);
words_fn words_undetected, words_disturbed, words_lacks, words_start, words_cpus, words_notes,
	words_series;

#endif
