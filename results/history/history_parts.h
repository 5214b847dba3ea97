/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the history: the database as its files share it.
 */
#ifndef NB_HISTORY_PARTS_H
#define NB_HISTORY_PARTS_H

#include <sqlite3.h>

#include "results/history/history.h"
#include "results/summary/summary.h"

struct history {
	sqlite3 *db;
	char *path;
};

/* Fills err with SQLite's message. Returns -1. */
int history_fail(struct history *h, const char *doing, struct err *err);

/* Statements that give no rows. */
int history_run(struct history *h, const char *sql, struct err *err);

/* A statement; NULL with an err. sqlite3_finalize() takes NULL. */
sqlite3_stmt *history_prepare(struct history *h, const char *sql, struct err *err);

/* Binds a text (NULL: null), and a number (NaN: null). SQLite reports errors in the next step. */
void history_bind_text(sqlite3_stmt *st, int at, const char *text);
void history_bind_double(sqlite3_stmt *st, int at, double x);

/* Steps a statement that gives no rows, and readies it for the next. */
int history_step(struct history *h, sqlite3_stmt *st, struct err *err);

/* The text of a column, "" for null; and a number, NaN for null. */
const char *history_text(sqlite3_stmt *st, int column);
double history_double(sqlite3_stmt *st, int column);

/* The number of a layer in the history. In a tree it does not depend on the order in which the
 * command line names the branches. */
int history_number_of(const struct summary *s, uint32_t layer);

/* Adds all figures of a run, which is there under this id. */
int history_add_figures(struct history *h, const struct summary *s, sqlite3_int64 id,
			struct err *err);

/* The fact that holds the name of a layer, of a run whose layers are a tree. */
#define HISTORY_LAYER_NAME "layer_name"

/* In a statement over figures: the name of the layer whose number a column holds, or null. */
#define HISTORY_NAME_OF(column)                                                                    \
	"(SELECT value FROM facts WHERE facts.run = figures.run AND facts.layer = figures." column \
	" AND key = '" HISTORY_LAYER_NAME "')"

/* The text of a column, NULL for null. */
const char *history_or_null(sqlite3_stmt *st, int column);

/* The name of the layer that a column holds, in the one behind it; "run" for -1. Fit for a
 * terminal. */
void history_place(sqlite3_stmt *st, int column, char place[LAYER_NAME]);

/* Ends a loop of steps, and the statement: -1 unless code says that there were no more rows. */
int history_end_steps(struct history *h, sqlite3_stmt *st, int code, struct err *err);

/* What the history knows of a run; all borrowed, while a function runs that is given it. */
struct history_run {
	const char *run, *started, *state, *machine, *stack, *versions;
	const char *place; /* NULL: not known */
	int64_t boots, rounds;
	sqlite3_int64 id;
};

struct history_figure {
	struct compare_item key; /* its names */
	struct estimate value;
};

struct history_fact {
	char place[LAYER_NAME]; /* the layer, or "run" */
	bool of_layer;
	const char *key, *value;
};

/* Take one after the other: runs in the order of time (or the one of that name), and what is known
 * of a run. */
typedef void history_run_fn(void *ctx, const struct history_run *run);
typedef void history_figure_fn(void *ctx, const struct history_figure *figure);
typedef void history_fact_fn(void *ctx, const struct history_fact *fact);
int history_each_run(struct history *h, const char *name, history_run_fn *take, void *ctx,
		     struct err *err);
int history_each_figure(struct history *h, sqlite3_int64 id, history_figure_fn *take, void *ctx,
			struct err *err);
int history_each_fact(struct history *h, sqlite3_int64 id, history_fact_fn *take, void *ctx,
		      struct err *err);

/* EXIT_USAGE: the history holds no run of that name. */
int history_no_run(const char *name, struct err *err);

/* A difference between the environments of two runs that can change figures. Owns its texts. */
struct history_difference {
	char place[LAYER_NAME];
	char *key, *before, *after; /* these two NULL: not known */
};

/* What changed at a change point. */
struct history_surroundings {
	size_t at; /* the first of the runs that have it; beside the change where nothing changed
		      there */
	struct history_difference *difference;
	size_t differences;
};

/* The place of a change may be off by a run, so when nothing changed there, the neighbouring runs
 * are compared too. */
int history_find_surroundings(struct history *h, const struct history_series *s, size_t change,
			      struct history_surroundings *at, struct err *err);
void history_surroundings_release(struct history_surroundings *at);

#endif
