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
	PLOT_OF_KINDS,
	PLOT_OF_WORKLOADS,
	PLOT_OF_EXITS,
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
	plot_latency, plot_concurrency, plot_rounds, plot_boot, plot_tax, plot_chains, plot_kinds, plot_why;

/* All of them; NULL-terminated. */
extern const struct plot *const plots[];

/*
 * Draws every plot that has data into dir/plots/NAME.svg and NAME.png, from NAME.tsv there; each
 * file whole or not at all. EXIT_INCONCLUSIVE when none has any: then nothing is made.
 * EXIT_MACHINE when gnuplot is missing, EXIT_INTERNAL when it fails: the data are there all the
 * same.
 */
int plot_run(const char *dir, const struct summary *s, struct err *err);

enum { TERMINAL_LEAST = 60, TERMINAL_MOST = 200 };

/*
 * Appends the main picture, usable share per kind of work and layer, as text for a terminal, lines
 * of at most `width` columns (clamped to the limits above): bars of eighths of a block, UTF-8,
 * without colours. EXIT_INCONCLUSIVE when there is nothing to draw.
 */
int terminal_share(const struct summary *s, unsigned width, struct buf *out, struct err *err);

/* Several runs in one picture: machines or versions side by side. */
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

/*
 * One picture for each series of the history, of at least two runs: the figure of each run in the
 * order of time, its interval, and the change points with the levels between them. Draws them into
 * dir, as SVG and PNG; *drawn says how many.
 */
struct history_trend;
int trend_draw(const struct history_trend *t, const char *dir, size_t *drawn, struct err *err);

/*
 * A fleet: a heat map of nodes by kinds of work and layers, the usable share against that of the
 * median node (in L0 the speed), and a strip for each of them. Of very many nodes those are drawn
 * that are odd or farthest from the median. EXIT_INCONCLUSIVE when there is nothing to draw. Drawn
 * as dir/fleet.svg and dir/fleet.png.
 */
struct fleet_comparison;
int fleet_make(const struct fleet_comparison *c, struct picture *p, struct err *err);
int fleet_draw(const char *dir, const struct fleet_comparison *c, struct err *err);

#endif
