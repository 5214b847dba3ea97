/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A table of short texts: what a picture shows, and what a report says, as figures.
 */
#ifndef NB_GRID_H
#define NB_GRID_H

#include <stdbool.h>
#include <stddef.h>

struct grid_cell {
	char *text;
	bool mark; /* it stands out */
};

/* Zeroed: an empty one. */
struct grid {
	size_t columns;		/* set by grid_begin() */
	struct grid_cell *cell; /* row by row; the first row is the head */
	size_t cells;
	bool failed; /* memory ran out and something is missing */
};

/* Empties the table; what is added from here on fills rows of so many columns. */
void grid_begin(struct grid *g, size_t columns);

/* Adds the next cell; the text is copied. */
void grid_add(struct grid *g, const char *text);
void grid_addf(struct grid *g, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Makes the cell that was added last stand out. */
void grid_mark(struct grid *g);

/* Rows without the head. */
size_t grid_rows(const struct grid *g);

/* A cell; row 0 is the head. */
const struct grid_cell *grid_at(const struct grid *g, size_t row, size_t column);

void grid_release(struct grid *g);

#endif
