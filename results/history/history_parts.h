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

#endif
