/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of a run: a summary becomes gnuplot scripts (text in, text out), which gnuplot draws.
 */
#ifndef NB_PLOT_H
#define NB_PLOT_H

#include "lib/buf.h"
#include "lib/err.h"
#include "plots/gnuplot/grid.h"
#include "results/summary/summary.h"

#define PLOTS_DIR "plots"

/* Where a picture stands in the report. */
enum plot_place {
	PLOT_NOT_IN_REPORT, /* the page draws the same by itself */
	PLOT_OF_CLASSES,
	PLOT_OF_WORKLOADS,
};

/* One kind of picture. */
struct plot {
	const char *name;    /* of its files */
	const char *title;   /* a few words */
	const char *summary; /* one line: what it shows */
	enum plot_place place;
	/*
	 * Appends the script, without terminal and output, and says the size of the picture in
	 * pixels. EXIT_INCONCLUSIVE when there is nothing to draw.
	 */
	int (*script)(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		      struct err *err);
	/* The figures of the picture as a table, for who cannot see it; called only when there is
	 * something to draw. */
	void (*table)(const struct summary *s, struct grid *g);
};

extern const struct plot plot_share, plot_slope, plot_waterfall, plot_ratio, plot_percentiles,
	plot_latency, plot_concurrency, plot_rounds, plot_boot, plot_tax;

/* All of them; NULL-terminated. */
extern const struct plot *const plots[];

/*
 * Draws every plot that has data into dir/plots/NAME.svg and NAME.png, each file whole or not at
 * all. EXIT_INCONCLUSIVE when none has any: then no picture is made. EXIT_MACHINE when gnuplot is
 * missing; EXIT_INTERNAL when it fails.
 */
int plot_run(const char *dir, const struct summary *s, struct err *err);

#endif
