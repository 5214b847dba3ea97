/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs over time, in an SQLite database: the figures and the environment of every run that was
 * added, keyed by machine (host, CPU model, number of CPUs) and stack (mode, accelerator of each
 * layer, vCPUs and memory of the deepest VM, hash of the program that was measured), so that a
 * series holds only comparable runs, as compare defines them. The versions (kernels, what
 * runs layers, nestbench) are kept and listed, but do not split series: a series shows their effect
 * on the figures. Exits per operation that belong to the operations (results/exits/) are kept and
 * searched too; a change by less than COMPARE_EXITS_SAME is none.
 *
 * Adding is one transaction; several processes may add at once, one after the other. A database of
 * an earlier format is brought up to date when it is opened.
 */
#ifndef NB_HISTORY_H
#define NB_HISTORY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/compare/compare.h"
#include "results/stats/changepoint.h"

struct history;

/*
 * Opens the database, and where `make`, makes it when there is none. path NULL:
 * nestbench/history.db in $XDG_STATE_HOME, else in ~/.local/state. EXIT_USAGE when the file is
 * something else, or there is none.
 */
struct history *history_open(const char *path, bool make, struct err *err);
void history_close(struct history *h); /* NULL is fine */

/* What became of a run that was to be added. */
enum history_outcome {
	HISTORY_ADDED,
	HISTORY_SAME,	  /* it was there, with the same rows */
	HISTORY_GREW,	  /* it was there, with fewer of them */
	HISTORY_REPLACED, /* others were there under its id */
	HISTORY_RENEWED,  /* an earlier nestbench had added it, without the hash of its rows */
};

struct history_added {
	enum history_outcome outcome;
	char directory[RUNDIR_PATH], run[MANIFEST_NAME]; /* fit for a terminal */
	uint64_t rows, rows_before;			 /* the latter of GREW and REPLACED */
	struct damage damage;
};

/*
 * Adds a run directory, and fills in the outcome. A run that the history already holds is
 * replaced where it has the same rows or more of them, as after a resume; other rows under its id
 * are EXIT_USAGE, unless force. So is a run without a readable manifest, which has no place in
 * time; EXIT_INCONCLUSIVE, unless force, when it has no figure.
 */
int history_add(struct history *h, const char *dir, bool force, struct history_added *added,
		struct err *err);

/* Appends it as lines; and as JSON, NULL without memory. */
void history_added_format(const struct history_added *added, struct buf *out);
json_t *history_added_json(const struct history_added *added);

/* Appends a line for each run, in the order of time; or one JSON object. */
int history_list(struct history *h, struct buf *out, struct err *err);
int history_list_json(struct history *h, struct buf *out, struct err *err);

/* Appends all that is known of one run. EXIT_USAGE when the history does not hold it. */
int history_show(struct history *h, const char *run, struct buf *out, struct err *err);
int history_show_json(struct history *h, const char *run, struct buf *out, struct err *err);

struct history_point {
	char *run, *started;
	int64_t id;
	double mid, low, high; /* cost in the series' unit, or factor; NAN without an interval */
};

/* One workload, or one of its reasons of exits, in one layer of one machine and stack, over time.
 */
struct history_series {
	char *machine, *stack, *workload, *params, *unit;
	uint32_t threads, layer, over; /* over equal to layer: the cost; else the factor */
	char *layer_name, *over_name;  /* of a tree; NULL: "L2" */
	/* Of exits per operation, as in compare.h; reason NULL: no exits. */
	uint32_t measured;
	char *reason, *source, *measured_name;
	struct history_point *point;
	size_t points;
	struct change_point *change; /* found in the logarithms; levels are in the unit of point */
	size_t changes;
};

/* Its names; borrowed. */
struct compare_item history_series_key(const struct history_series *s);

struct history_trend {
	struct history_series *series;
	size_t count;
};

struct history_filter {
	const char *workload; /* glob, as of SQLite; NULL: all */
	int layer;	      /* -1: all */
	const char *name;     /* of the layer, of runs whose layers are a tree; NULL: all */
};

/* Reads all series and searches them for change points. */
int history_trend(struct history *h, const struct history_filter *filter,
		  struct history_trend *trend, struct err *err);
void history_trend_release(struct history_trend *trend);

/* Appends the changes of each series, with the changes of the environment at that point; with
 * `all`, and as JSON, also the series without a change. */
int history_trend_format(struct history *h, const struct history_trend *trend, bool all,
			 struct buf *out, struct err *err);
int history_trend_json(struct history *h, const struct history_trend *trend, struct buf *out,
		       struct err *err);

#endif
