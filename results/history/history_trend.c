/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries of the history: lists, one run, series with their change points. */
#include "results/history/history_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/compare/compare.h"
#include "results/compare/diffenv.h"
#include "results/rundir/csvfile.h"
#include "results/table/text.h"

enum { PART = 256 };

/* Ends a loop of steps: -1 unless there were no more rows. */
static int end_steps(struct history *h, sqlite3_stmt *st, int code, struct err *err)
{
	int rc = code == SQLITE_DONE ? 0 : history_fail(h, "read the history", err);

	sqlite3_finalize(st);
	return rc;
}

static const char *printable(sqlite3_stmt *st, int column, char text[PART])
{
	return csv_printable(history_text(st, column), text, PART);
}

int history_list(struct history *h, struct buf *out, struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT run, started, state, boots, rounds, stack, machine, versions FROM runs "
		"ORDER BY started, run",
		err);
	char text[PART];
	int code;

	if (!st)
		return -1;
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		buf_addf(out, "%s  ", printable(st, 1, text));
		text_pad(out, printable(st, 0, text), 34);
		buf_addf(out, " %s", printable(st, 2, text));
		buf_addf(out, ", %lld x %lld rounds", sqlite3_column_int64(st, 3),
			 sqlite3_column_int64(st, 4));
		buf_addf(out, ", %s", printable(st, 5, text));
		buf_addf(out, "; %s", printable(st, 6, text));
		buf_addf(out, "; %s\n", printable(st, 7, text));
	}
	return end_steps(h, st, code, err) < 0 ? -1 : buf_check(out, err);
}

/* The name of a layer of a figure, whose number a column holds. */
#define NAME_OF(column)                                                                            \
	"(SELECT value FROM facts WHERE facts.run = figures.run AND facts.layer = figures." column \
	" AND key = '" HISTORY_LAYER_NAME "')"

static const char *name_or_null(sqlite3_stmt *st, int column)
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? NULL : history_text(st, column);
}

static int show_figures(struct history *h, sqlite3_int64 id, struct buf *out, struct err *err)
{
	sqlite3_stmt *st =
		history_prepare(h,
				"SELECT workload, params, threads, layer, over, unit, mid, low, "
				"high, " NAME_OF("layer") ", " NAME_OF("over") ", " NAME_OF(
					"measured") ", measured, "
						    "nullif(reason, ''), source "
						    "FROM figures WHERE run = ? "
						    "ORDER BY workload, params, "
						    "threads, layer, over, "
						    "measured, source, reason",
				err);
	int code;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct compare_item key = {.workload = history_text(st, 0),
					   .params = history_text(st, 1),
					   .threads = (uint32_t)sqlite3_column_int64(st, 2),
					   .layer = (uint32_t)sqlite3_column_int64(st, 3),
					   .over = (uint32_t)sqlite3_column_int64(st, 4),
					   .layer_name = name_or_null(st, 9),
					   .over_name = name_or_null(st, 10),
					   .measured_name = name_or_null(st, 11),
					   .measured = (uint32_t)sqlite3_column_int64(st, 12),
					   .reason = name_or_null(st, 13),
					   .source = history_text(st, 14),
					   .unit = history_text(st, 5)};
		char text[COMPARE_TEXT], what[COMPARE_WHAT];

		buf_addstr(out, "  ");
		compare_label(&key, out);
		buf_addf(out, " %s: %s", compare_what(&key, what),
			 compare_level(&key, history_double(st, 6), text));
		if (!isnan(history_double(st, 7))) {
			buf_addf(out, " [%s", compare_level(&key, history_double(st, 7), text));
			buf_addf(out, ", %s]", compare_level(&key, history_double(st, 8), text));
		}
		buf_addstr(out, "\n");
	}
	return end_steps(h, st, code, err);
}

/* The name of the layer that a column holds, in the one behind it; "run" for -1. */
static const char *place(sqlite3_stmt *st, int column, char text[PART])
{
	int layer = sqlite3_column_int(st, column);

	if (layer >= 0 && name_or_null(st, column + 1))
		return printable(st, column + 1, text);
	snprintf(text, PART, layer < 0 ? "run" : "L%d", layer);
	return text;
}

static int show_facts(struct history *h, sqlite3_int64 id, struct buf *out, struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT key, value, layer, (SELECT value FROM facts AS named WHERE named.run = "
		"facts.run AND named.layer = facts.layer AND named.key = '" HISTORY_LAYER_NAME
		"') FROM facts WHERE run = ? ORDER BY layer, key",
		err);
	char text[PART];
	int code;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		buf_addf(out, "  %s", place(st, 2, text));
		buf_addf(out, " %s", printable(st, 0, text));
		buf_addf(out, ": %s\n", printable(st, 1, text));
	}
	return end_steps(h, st, code, err);
}

int history_show(struct history *h, const char *run, struct buf *out, struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT id, run, started, machine, stack, versions, place FROM runs WHERE run = ?",
		err);
	static const char *const names[] = {"",	     "run",	 "started",  "machine",
					    "stack", "versions", "directory"};
	sqlite3_int64 id = 0;
	char text[PART];

	if (!st)
		return -1;
	history_bind_text(st, 1, run);
	if (sqlite3_step(st) == SQLITE_ROW) {
		id = sqlite3_column_int64(st, 0);
		for (int i = 1; i < 7; i++)
			buf_addf(out, "%s: %s\n", names[i], printable(st, i, text));
	}
	sqlite3_finalize(st);
	if (!id)
		return err_set(err, EXIT_USAGE,
			       "the history holds no run \"%.64s\" (see nestbench history list)",
			       run);
	buf_addstr(out, "figures:\n");
	if (show_figures(h, id, out, err) < 0)
		return -1;
	buf_addstr(out, "environment:\n");
	return show_facts(h, id, out, err) < 0 ? -1 : buf_check(out, err);
}

/* Series */

static char *copy(sqlite3_stmt *st, int column)
{
	return strdup(history_text(st, column));
}

static bool continues(const struct history_series *s, sqlite3_stmt *st)
{
	return strcmp(s->machine, history_text(st, 0)) == 0 &&
	       strcmp(s->stack, history_text(st, 1)) == 0 &&
	       strcmp(s->workload, history_text(st, 2)) == 0 &&
	       strcmp(s->params, history_text(st, 3)) == 0 &&
	       s->threads == (uint32_t)sqlite3_column_int64(st, 4) &&
	       s->layer == (uint32_t)sqlite3_column_int64(st, 5) &&
	       s->over == (uint32_t)sqlite3_column_int64(st, 6) &&
	       s->measured == (uint32_t)sqlite3_column_int64(st, 17) &&
	       strcmp(s->reason ? s->reason : "", history_text(st, 18)) == 0 &&
	       strcmp(s->source, history_text(st, 19)) == 0;
}

static struct history_series *begin_series(struct history_trend *t, sqlite3_stmt *st)
{
	struct history_series *s = array_grow(t->series, t->count, sizeof(*s));

	if (!s)
		return NULL;
	t->series = s;
	s += t->count++;
	*s = (struct history_series){.machine = copy(st, 0),
				     .stack = copy(st, 1),
				     .workload = copy(st, 2),
				     .params = copy(st, 3),
				     .threads = (uint32_t)sqlite3_column_int64(st, 4),
				     .layer = (uint32_t)sqlite3_column_int64(st, 5),
				     .over = (uint32_t)sqlite3_column_int64(st, 6),
				     .unit = copy(st, 7),
				     .measured = (uint32_t)sqlite3_column_int64(st, 17),
				     .reason = name_or_null(st, 18) ? copy(st, 18) : NULL,
				     .source = copy(st, 19)};
	if (name_or_null(st, 14)) {
		s->layer_name = copy(st, 14);
		s->over_name = copy(st, 15);
		s->measured_name = copy(st, 16);
		if (!s->layer_name || !s->over_name || !s->measured_name)
			return NULL;
	}
	if (!s->source || !s->reason != !name_or_null(st, 18))
		return NULL;
	return s->machine && s->stack && s->workload && s->params && s->unit ? s : NULL;
}

static int add_point(struct history_trend *t, sqlite3_stmt *st, struct err *err)
{
	struct history_series *s = t->count ? &t->series[t->count - 1] : NULL;
	struct history_point *p;

	if (!s || !continues(s, st))
		s = begin_series(t, st);
	p = s ? array_grow(s->point, s->points, sizeof(*p)) : NULL;
	if (!p)
		return err_set(err, EXIT_INTERNAL, "out of memory for the history");
	s->point = p;
	p += s->points++;
	*p = (struct history_point){.run = copy(st, 8),
				    .started = copy(st, 9),
				    .id = sqlite3_column_int64(st, 10),
				    .mid = history_double(st, 11),
				    .low = history_double(st, 12),
				    .high = history_double(st, 13)};
	return p->run && p->started ? 0
				    : err_set(err, EXIT_INTERNAL, "out of memory for the history");
}

/* The seed of the permutation tests. */
static const double LEVEL = 0.01;

/* Counts hardly spread, so that changes stand out which are of no account. */
static void drop_small_changes(struct history_series *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->changes; i++)
		if (fabs(log(s->change[i].after / s->change[i].before)) > log1p(COMPARE_EXITS_SAME))
			s->change[kept++] = s->change[i];
	s->changes = kept;
}

/* Levels are compared as ratios, so the search is in the logarithms. */
static int find_changes(struct history_series *s, struct err *err)
{
	double *x = calloc(s->points + 1, sizeof(*x));
	size_t n = 0;
	int rc;

	if (!x)
		return err_set(err, EXIT_INTERNAL, "out of memory for the history");
	for (size_t i = 0; i < s->points; i++)
		if (s->point[i].mid > 0)
			x[n++] = log(s->point[i].mid);
	/* A series with a figure of 0 has no ratios. */
	rc = n == s->points ? change_points(x, n, LEVEL, n, &s->change, &s->changes, err) : 0;
	for (size_t i = 0; i < s->changes; i++) {
		s->change[i].before = exp(s->change[i].before);
		s->change[i].after = exp(s->change[i].after);
	}
	free(x);
	if (s->reason)
		drop_small_changes(s);
	return rc;
}

int history_trend(struct history *h, const struct history_filter *filter,
		  struct history_trend *trend, struct err *err)
{
	sqlite3_stmt *st = history_prepare(
		h,
		"SELECT machine, stack, workload, params, threads, layer, over, unit, runs.run, "
		"started, runs.id, mid, low, high, " NAME_OF("layer") ", " NAME_OF(
			"over") ", " NAME_OF("measured") ", measured, nullif(reason, ''), source "
							 "FROM figures JOIN runs ON figures.run = "
							 "runs.id "
							 "WHERE (?1 IS NULL OR workload GLOB ?1) "
							 "AND (?2 < 0 OR layer = ?2) "
							 "AND (?3 IS NULL OR " NAME_OF(
								 "layer") " = ?3) "
									  "ORDER BY machine, "
									  "stack, workload, "
									  "params, "
									  "threads, layer, over "
									  "DESC, measured, "
									  "source, reason, "
									  "started, runs.run",
		err);
	int code, rc = 0;

	*trend = (struct history_trend){0};
	if (!st)
		return -1;
	history_bind_text(st, 1, filter->workload);
	sqlite3_bind_int(st, 2, filter->layer);
	history_bind_text(st, 3, filter->name);
	while ((code = sqlite3_step(st)) == SQLITE_ROW && rc == 0)
		rc = add_point(trend, st, err);
	if (rc < 0)
		sqlite3_finalize(st);
	else
		rc = end_steps(h, st, code, err);
	for (size_t i = 0; i < trend->count && rc == 0; i++)
		rc = find_changes(&trend->series[i], err);
	if (rc < 0)
		history_trend_release(trend);
	return rc;
}

void history_trend_release(struct history_trend *trend)
{
	for (size_t i = 0; i < trend->count; i++) {
		struct history_series *s = &trend->series[i];

		free(s->machine);
		free(s->stack);
		free(s->workload);
		free(s->params);
		free(s->unit);
		free(s->layer_name);
		free(s->over_name);
		free(s->measured_name);
		free(s->reason);
		free(s->source);
		for (size_t k = 0; k < s->points; k++) {
			free(s->point[k].run);
			free(s->point[k].started);
		}
		free(s->point);
		free(s->change);
	}
	free(trend->series);
	*trend = (struct history_trend){0};
}

static const char *known(sqlite3_stmt *st, int column, char text[PART])
{
	return sqlite3_column_type(st, column) == SQLITE_NULL ? "(not known)"
							      : printable(st, column, text);
}

/* Appends differences between the environments of two runs that can change figures, if any. */
static int add_environment(struct history *h, const struct history_point *before,
			   const struct history_point *after, struct buf *out, struct err *err)
{
	sqlite3_stmt *st =
		history_prepare(h,
				"SELECT coalesce(a.key, b.key), a.value, b.value, "
				"coalesce(a.layer, b.layer) AS layer, (SELECT value FROM facts AS "
				"named WHERE named.run = ?2 AND named.layer = "
				"coalesce(a.layer, b.layer) AND named.key = '" HISTORY_LAYER_NAME
				"') FROM (SELECT * FROM facts WHERE run = ?1) a "
				"FULL JOIN (SELECT * FROM facts WHERE run = ?2) b "
				"ON a.layer = b.layer AND a.key = b.key "
				"WHERE a.value IS NOT b.value ORDER BY 4, 1",
				err);
	char text[PART];
	int code;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, before->id);
	sqlite3_bind_int64(st, 2, after->id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		if (env_weigh(history_text(st, 0), history_text(st, 1), history_text(st, 2)) ==
		    ENV_VARIES)
			continue;
		buf_addf(out, "      %s", place(st, 3, text));
		buf_addf(out, " %s:", printable(st, 0, text));
		buf_addf(out, " %s", known(st, 1, text));
		buf_addf(out, " -> %s\n", known(st, 2, text));
	}
	return end_steps(h, st, code, err);
}

/* Appends what changed at a change point. Its place may be off by a run, so when nothing changed,
 * the neighbouring runs are compared too. */
static int add_surroundings(struct history *h, const struct history_series *s, size_t at,
			    struct buf *out, struct err *err)
{
	const size_t places[] = {at, at - 1, at + 1};
	struct buf found = BUF_INIT;
	char text[PART];
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0 && found.len == 0; i++) {
		if (places[i] == 0 || places[i] >= s->points)
			continue;
		rc = add_environment(h, &s->point[places[i] - 1], &s->point[places[i]], &found,
				     err);
		if (i && found.len)
			buf_addf(out, "      a run %s, with %s:\n", i == 1 ? "earlier" : "later",
				 csv_printable(s->point[places[i]].run, text, sizeof(text)));
	}
	buf_addstr(out, found.len ? buf_str(&found)
				  : "      nothing that was recorded changed in the environment\n");
	buf_done(&found, out);
	return rc;
}

struct compare_item history_series_key(const struct history_series *s)
{
	return (struct compare_item){.workload = s->workload,
				     .params = s->params,
				     .threads = s->threads,
				     .layer = s->layer,
				     .over = s->over,
				     .layer_name = s->layer_name,
				     .over_name = s->over_name,
				     .unit = s->unit,
				     .measured = s->measured,
				     .measured_name = s->measured_name,
				     .reason = s->reason,
				     .source = s->source};
}

static int add_change(struct history *h, const struct history_series *s,
		      const struct change_point *c, struct buf *out, struct err *err)
{
	const struct history_point *p = &s->point[c->at];
	struct compare_item key = history_series_key(s);
	char before[COMPARE_TEXT], after[COMPARE_TEXT], text[PART];

	buf_addf(out, "    from run %s on", csv_printable(p->run, text, sizeof(text)));
	buf_addf(out, " (%s): %s -> %s, %+.1f %%, p %.3f\n",
		 csv_printable(p->started, text, sizeof(text)),
		 compare_level(&key, c->before, before), compare_level(&key, c->after, after),
		 100 * (c->after / c->before - 1), c->p);
	return add_surroundings(h, s, c->at, out, err);
}

int history_trend_format(struct history *h, const struct history_trend *trend, bool all,
			 struct buf *out, struct err *err)
{
	size_t changed = 0, shortest = 2 * CHANGE_POINT_PIECE, too_short = 0;
	char what[COMPARE_WHAT], text[PART];

	for (size_t i = 0; i < trend->count; i++) {
		const struct history_series *s = &trend->series[i];
		struct compare_item key = history_series_key(s);

		changed += s->changes > 0;
		too_short += s->points < shortest;
		if (!all && !s->changes)
			continue;
		compare_label(&key, out);
		buf_addf(out, " %s, %zu runs on %s", compare_what(&key, what), s->points,
			 csv_printable(s->machine, text, sizeof(text)));
		buf_addf(out, " (%s)%s\n", csv_printable(s->stack, text, sizeof(text)),
			 s->changes ? "" : ": no change");
		for (size_t k = 0; k < s->changes; k++)
			if (add_change(h, s, &s->change[k], out, err) < 0)
				return -1;
	}
	buf_addf(out, "%zu of %zu series changed", changed, trend->count);
	if (too_short)
		buf_addf(out, "; %zu have fewer than %zu runs, too few to tell", too_short,
			 shortest);
	buf_addstr(out, "\n");
	return buf_check(out, err);
}
