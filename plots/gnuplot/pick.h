/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds things in a summary. What is returned belongs to the summary.
 */
#ifndef NB_PICK_H
#define NB_PICK_H

#include <stddef.h>
#include <stdint.h>

#include "plots/gnuplot/grid.h"
#include "results/summary/summary.h"
#include "results/table/text.h"

/* Number of entries, from index on, that are the same workload with the same parameters and threads
 * in different layers. At least 1. */
size_t pick_variant(const struct summary *s, size_t index);

/* The one of these entries that lies in a layer, or NULL. */
const struct summary_entry *pick_layer(const struct summary_entry *first, size_t count,
				       uint32_t layer);

/* A class in a layer, or NULL. */
const struct summary_class *pick_class(const struct summary *s, const char *class, uint32_t layer);

/* "8.52 [7.61, 17.2]", "8.52" without an interval, "–" without data. */
const char *pick_ratio(const struct estimate *ratio, char text[TEXT_LABEL]);

/* A head of a table: a first name, then the layers from first to the last of the run. */
void pick_head(const struct summary *s, const char *name, uint32_t first, struct grid *g);

#endif
