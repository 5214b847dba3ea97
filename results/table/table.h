/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The answer in the terminal, printed at the end of `run` and by `summary`: usable share per class
 * and layer, cost per workload, and whether the claim held, with its basis.
 */
#ifndef NB_TABLE_H
#define NB_TABLE_H

#include "lib/buf.h"
#include "results/summary/summary.h"

/* Appends the table, lines of at most 100 columns. Texts are ASCII, and UTF-8 only for "µ", "…" and
 * "×". */
void table_format(const struct summary *s, struct buf *out);

#endif
