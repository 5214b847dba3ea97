/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the table: what a run says, in plain words.
 */
#ifndef NB_WORDS_H
#define NB_WORDS_H

#include "lib/buf.h"
#include "results/summary/summary.h"

/* What a paragraph begins with. */
#define POINT "  - "

/* Whether the claim held, for each class and over all. */
void words_verdict(const struct summary *s, size_t width, struct buf *out);

/* What that stands on: rounds, boots, emulation, the host, and rows that are missing or odd, with
 * reasons. */
void words_grounds(const struct summary *s, size_t width, struct buf *out);

/* Parts of the two: which overheads are too small to be found, which rounds were disturbed and
 * repeated, whose CPU shows less than the one above, which series are not steady or have two modes,
 * whether all layers were started twice or a layer was lost before the first round, and what
 * needs more CPUs than the layers were given; and what the work itself remarked. Nothing when there
 * are none. */
typedef void words_fn(const struct summary *s, size_t width, struct buf *out);
words_fn words_undetected, words_disturbed, words_lacks, words_start, words_cpus, words_notes,
	words_series;

#endif
