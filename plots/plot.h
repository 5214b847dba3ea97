/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of a run: a summary becomes gnuplot scripts (text in, text out), which gnuplot draws.
 */
#ifndef NB_PLOT_H
#define NB_PLOT_H

#include <stddef.h>

#include "bench/base/buf.h"
#include "bench/base/err.h"
#include "results/summary.h"

/* One kind of picture. */
struct plot {
	const char *name;  /* of the files: "share" */
	const char *title; /* for people */
	/* Appends the script without terminal and output. EXIT_INCONCLUSIVE when there is nothing
	 * to draw. */
	int (*script)(const struct summary *s, struct buf *out, struct err *err);
	/* Size of the picture in pixels. */
	void (*size)(const struct summary *s, unsigned *width, unsigned *height);
};

extern const struct plot plots[]; /* ends with a NULL name */

/*
 * Draws every plot into dir/plots/NAME.svg and NAME.png, each file whole or not at all. Plots
 * without data are left out when others have some. EXIT_INCONCLUSIVE when there is nothing usable
 * at all; EXIT_MACHINE when gnuplot is missing; EXIT_INTERNAL when it fails.
 */
int plot_run(const char *dir, const struct summary *s, struct err *err);

#endif
