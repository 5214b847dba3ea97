/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the history holds: runs, and the figures and facts of one. */
#include <stdio.h>

#include "lib/printable.h"
#include "lib/str.h"
#include "results/history/history_parts.h"

int history_end_steps(struct history *h, sqlite3_stmt *st, int code, struct err *err)
{
	int rc = code == SQLITE_DONE ? 0 : history_fail(h, "read the history", err);

	sqlite3_finalize(st);
	return rc;
}

const char *history_or_null(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? NULL : history_text(st, column);
}

void history_place(sqlite3_stmt *st, int column, char place[LAYER_NAME])
{
	int layer = sqlite3_column_int(st, column);
	const char *name = layer < 0 ? "run" : history_or_null(st, column + 1);

	if (name)
		printable(str_copy(place, LAYER_NAME, name));
	else
		snprintf(place, LAYER_NAME, "L%d", layer);
}

int history_no_run(const char *name, struct err *err)
{
	return err_set(err, EXIT_USAGE,
		       "the history holds no run \"%.64s\" (see nestbench history list)", name);
}

int history_each_run(struct history *h, const char *name, history_run_fn *take, void *ctx,
		     struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT run, started, state, boots, rounds, stack, machine, versions, place, id "
		"FROM runs WHERE ?1 IS NULL OR run = ?1 ORDER BY started, run",
		err);
	int code;

	if (!st)
		return -1;
	history_bind_text(st, 1, name);
	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		take(ctx, &(struct history_run){.run = history_text(st, 0),
						.started = history_text(st, 1),
						.state = history_text(st, 2),
						.boots = sqlite3_column_int64(st, 3),
						.rounds = sqlite3_column_int64(st, 4),
						.stack = history_text(st, 5),
						.machine = history_text(st, 6),
						.versions = history_text(st, 7),
						.place = history_or_null(st, 8),
						.id = sqlite3_column_int64(st, 9)});
	return history_end_steps(h, st, code, err);
}

int history_each_figure(struct history *h, sqlite3_int64 id, history_figure_fn *take, void *ctx,
			struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT workload, params, threads, layer, over, unit, mid, low, "
		"high, " HISTORY_NAME_OF("layer") ", " HISTORY_NAME_OF("over") ", " HISTORY_NAME_OF(
			"measured") ", measured, nullif(reason, ''), source "
				    "FROM figures WHERE run = ? ORDER BY workload, params, "
				    "threads, layer, over, measured, source, reason",
		err);
	int code;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW)
		take(ctx, &(struct history_figure){
				  .key = {.workload = history_text(st, 0),
					  .params = history_text(st, 1),
					  .threads = (uint32_t)sqlite3_column_int64(st, 2),
					  .layer = (uint32_t)sqlite3_column_int64(st, 3),
					  .over = (uint32_t)sqlite3_column_int64(st, 4),
					  .unit = history_text(st, 5),
					  .layer_name = history_or_null(st, 9),
					  .over_name = history_or_null(st, 10),
					  .measured_name = history_or_null(st, 11),
					  .measured = (uint32_t)sqlite3_column_int64(st, 12),
					  .reason = history_or_null(st, 13),
					  .source = history_text(st, 14)},
				  .value = {history_double(st, 6), history_double(st, 7),
					    history_double(st, 8)},
			  });
	return history_end_steps(h, st, code, err);
}

int history_each_fact(struct history *h, sqlite3_int64 id, history_fact_fn *take, void *ctx,
		      struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT key, value, layer, (SELECT value FROM facts AS named WHERE named.run = "
		"facts.run AND named.layer = facts.layer AND named.key = '" HISTORY_LAYER_NAME
		"') FROM facts WHERE run = ? ORDER BY layer, key",
		err);
	struct history_fact fact;
	int code;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		fact.key = history_text(st, 0);
		fact.value = history_text(st, 1);
		fact.of_layer = sqlite3_column_int(st, 2) >= 0;
		history_place(st, 2, fact.place);
		take(ctx, &fact);
	}
	return history_end_steps(h, st, code, err);
}
