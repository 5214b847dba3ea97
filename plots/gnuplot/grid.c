/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/grid.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void grid_begin(struct grid *g, size_t columns)
{
	for (size_t i = 0; i < g->cells; i++)
		free(g->cell[i]);
	g->cells = 0;
	g->columns = columns;
}

static bool grow(struct grid *g)
{
	size_t room = g->room ? 2 * g->room : 64;
	char **cell = realloc(g->cell, room * sizeof(*cell));
	bool *mark;

	if (!cell)
		return false;
	g->cell = cell;
	mark = realloc(g->mark, room * sizeof(*mark));
	if (!mark)
		return false;
	g->mark = mark;
	g->room = room;
	return true;
}

void grid_add(struct grid *g, const char *text)
{
	if (g->cells == g->room && !grow(g)) {
		g->failed = true;
		return;
	}
	g->cell[g->cells] = strdup(text);
	if (!g->cell[g->cells]) {
		g->failed = true;
		return;
	}
	g->mark[g->cells++] = false;
}

void grid_addf(struct grid *g, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0) {
		g->failed = true;
		return;
	}
	grid_add(g, text);
	free(text);
}

void grid_mark(struct grid *g)
{
	if (g->cells)
		g->mark[g->cells - 1] = true;
}

size_t grid_rows(const struct grid *g)
{
	return g->cells > g->columns ? g->cells / g->columns - 1 : 0;
}

const char *grid_cell(const struct grid *g, size_t row, size_t column)
{
	return g->cell[row * g->columns + column];
}

void grid_release(struct grid *g)
{
	grid_begin(g, 0);
	free(g->cell);
	free(g->mark);
	*g = (struct grid)GRID_INIT;
}
