/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of a run: a summary becomes data files (pure, golden files), which gnuplot draws by the
 * scripts of plots/scripts.
 */
#ifndef NB_PLOT_H
#define NB_PLOT_H

#include "lib/err.h"
#include "plots/gnuplot/picture.h"
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
	const char *name;    /* of its files and its script */
	const char *title;   /* a few words */
	const char *summary; /* one line: what it shows */
	enum plot_place place;
	/* Fills an empty picture. EXIT_INCONCLUSIVE when there is nothing to draw. */
	int (*make)(const struct summary *s, struct picture *p, struct err *err);
};

extern const struct plot plot_share, plot_slope, plot_waterfall, plot_ratio, plot_percentiles,
	plot_latency, plot_concurrency, plot_rounds, plot_boot, plot_tax;

/* All of them; NULL-terminated. */
extern const struct plot *const plots[];

/*
 * Draws every plot that has data into dir/plots/NAME.svg and NAME.png, from NAME.tsv there; each
 * file whole or not at all. EXIT_INCONCLUSIVE when none has any: then nothing is made.
 * EXIT_MACHINE when gnuplot is missing, EXIT_INTERNAL when it fails: the data are there all the
 * same.
 */
int plot_run(const char *dir, const struct summary *s, struct err *err);

#endif
