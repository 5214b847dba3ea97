/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a picture shows, twice: the data file that its gnuplot script draws, and the same figures as
 * a table for who cannot see it. All looks are the script's (plots/scripts/NAME.gp).
 *
 * The data file is separated by tabs. It begins with texts ("# run", "# L0", …), then come the
 * names of the columns and the rows; a blank line ends what a line joins. What is not known is NaN.
 * The column layer holds a number. Where the layers are a tree, the texts "# name" are their short
 * names in the order of the numbers.
 */
#ifndef NB_PICTURE_H
#define NB_PICTURE_H

#include <stdint.h>

#include "lib/buf.h"
#include "plots/gnuplot/grid.h"
#include "results/summary/summary_parts.h"
#include "results/table/text.h"

enum { PANELS_MAX = 48 };

/* Zeroed: an empty one. */
struct picture {
	struct buf data;
	struct grid table;
};

/* One of the texts at the beginning; "" is none. */
void picture_note(struct picture *p, const char *key, const char *text);

/* All texts that pictures of one run bear: run, rounds and boots; whether it was emulated, or may
 * have been, or L0 is a VM; and the names of its layers. remark may be NULL. */
void picture_notes(struct picture *p, const struct summary *s, const char *remark);

/* The names of the columns behind the first three, which are `index` (the name of the first),
 * layer and name; separated by tabs. */
void picture_columns(struct picture *p, const char *index, const char *columns);

/* Begins a row; the columns behind its first three follow one by one. */
void picture_row(struct picture *p, double index, uint32_t layer, const char *name);
void picture_number(struct picture *p, double x);
/* Three columns, each times scale; NaN for NULL. */
void picture_estimate(struct picture *p, const struct estimate *e, double scale);
void picture_text(struct picture *p, const char *text);

/* Ends what a line joins. */
void picture_gap(struct picture *p);

/* One panel for each workload that is drawn, and its row of the table, a cell for each layer. */
struct panels {
	const char *head; /* of the table */
	bool (*is_drawn)(const struct family *work);
	void (*add_cell)(struct grid *g, const struct summary_entry *e); /* NULL: no such layer */
	void (*add_data)(struct picture *p, const struct summary_entry *e, size_t panel,
			 const char *name);
};

/* Returns how many there are; a picture holds the first PANELS_MAX, and says so. */
size_t picture_panels(struct picture *p, const struct summary *s, const struct panels *how);

/* What the whiskers are, or why there are none. */
const char *picture_whiskers(const struct summary *s);

void picture_release(struct picture *p);

/* Begins a table whose columns are the layers from first on, behind the names of its rows and in
 * front of one more column (NULL: none). */
void grid_layers(struct grid *g, const struct summary *s, const char *name, uint32_t first,
		 const char *last);

/* "8.52 [7.61, 17.2]", "8.52" without an interval, "–" without data. */
const char *ratio_text(const struct estimate *ratio, char text[TEXT_LABEL]);

#endif
