/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One series of the history as a picture: the figure of each run in the order of time, its
 * interval, and the change points with the levels between them.
 */
#ifndef NB_TREND_H
#define NB_TREND_H

#include "lib/buf.h"
#include "lib/err.h"
#include "results/history/history.h"

enum { TREND_WIDTH = 1000, TREND_HEIGHT = 480 };

/* Appends the gnuplot script. EXIT_INCONCLUSIVE for fewer than two runs. */
int trend_script(const struct history_series *s, struct buf *out, struct err *err);

/* Draws all series of at least two runs into dir, as SVG and PNG; *drawn says how many. */
int trend_draw(const struct history_trend *t, const char *dir, size_t *drawn, struct err *err);

#endif
