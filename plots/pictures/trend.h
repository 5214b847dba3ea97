/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One series of the history as a picture: the figure of each run in the order of time, its
 * interval, and the change points with the levels between them.
 */
#ifndef NB_TREND_H
#define NB_TREND_H

#include "lib/err.h"
#include "plots/gnuplot/picture.h"
#include "results/history/history.h"

/* Draws all series of at least two runs into dir, as SVG and PNG; *drawn says how many. */
int trend_draw(const struct history_trend *t, const char *dir, size_t *drawn, struct err *err);

#endif
