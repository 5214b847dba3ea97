/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of layers side by side (results/summary/kinds.h) as text.
 */
#ifndef NB_KINDS_WRITE_H
#define NB_KINDS_WRITE_H

#include "results/summary/kinds.h"
#include "results/table/text.h"

/* "×1.25 [1.21, 1.30]", "×1.25" without an interval, "-" without data. */
const char *kinds_ratio(const struct estimate *ratio, char text[TEXT_LABEL]);

/* One pair for each two layers of a group that were compared in anything. */
enum { KINDS_COLUMNS = 64 };
size_t kinds_columns(const struct kinds *k, const struct kinds_group *g,
		     const struct kinds_pair *column[KINDS_COLUMNS]);

/* Appends the tables for the terminal; nothing where there are no kinds. */
void kinds_format(const struct summary *s, struct buf *out);

#endif
