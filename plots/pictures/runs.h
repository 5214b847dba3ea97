/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several runs in one picture: machines or versions side by side.
 */
#ifndef NB_RUNS_H
#define NB_RUNS_H

#include <stddef.h>

#include "lib/err.h"
#include "plots/gnuplot/picture.h"

enum { RUNS_MAX = 8 };

struct run_of_many {
	const struct summary *s;
	const char *name; /* in the key */
};

/*
 * Fills an empty picture: one row for each kind of work and layer that any run has, one mark with
 * its interval for each run. EXIT_INCONCLUSIVE when there is nothing to draw.
 */
int runs_make(const struct run_of_many *run, size_t count, struct picture *p, struct err *err);

/* Draws it as dir/runs.svg and dir/runs.png. */
int runs_draw(const char *dir, const struct run_of_many *run, size_t count, struct err *err);

#endif
