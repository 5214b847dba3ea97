/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void grid_begin(struct grid *g, size_t columns)
{
	for (size_t i = 0; i < g->cells; i++)
		free(g->cell[i].text);
	g->cells = 0;
	g->columns = columns;
}

static bool grow(struct grid *g)
{
	size_t room = g->room ? 2 * g->room : 64;
	struct grid_cell *cell = realloc(g->cell, room * sizeof(*cell));

	if (!cell)
		return false;
	g->cell = cell;
	g->room = room;
	return true;
}

void grid_addf(struct grid *g, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if ((g->cells == g->room && !grow(g)) || vasprintf(&text, fmt, ap) < 0)
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
