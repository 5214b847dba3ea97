/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/array.h"

void grid_begin(struct grid *g, size_t columns)
{
	for (size_t i = 0; i < g->cells; i++)
		free(g->cell[i].text);
	g->cells = 0;
	g->columns = columns;
}

void grid_addf(struct grid *g, const char *fmt, ...)
{
	struct grid_cell *cell = array_grow(g->cell, g->cells, sizeof(*cell));
	char *text = NULL;
	va_list ap;

	g->cell = cell ? cell : g->cell;
	va_start(ap, fmt);
	if (!cell || vasprintf(&text, fmt, ap) < 0)
		g->failed = true;
	else
		g->cell[g->cells++] = (struct grid_cell){.text = text};
	va_end(ap);
}

void grid_add(struct grid *g, const char *text)
{
	grid_addf(g, "%s", text);
}

void grid_mark(struct grid *g)
{
	if (g->cells)
		g->cell[g->cells - 1].mark = true;
}

size_t grid_rows(const struct grid *g)
{
	return g->cells > g->columns ? g->cells / g->columns - 1 : 0;
}

const struct grid_cell *grid_at(const struct grid *g, size_t row, size_t column)
{
	return &g->cell[row * g->columns + column];
}

void grid_release(struct grid *g)
{
	grid_begin(g, 0);
	free(g->cell);
	*g = (struct grid){0};
}
