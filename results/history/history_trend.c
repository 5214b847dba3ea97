/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Series of the history with their change points. */
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

static char *copy(sqlite3_stmt *st, int column)
{
	return strdup(history_text(st, column));
}

static char *copy_or_null(sqlite3_stmt *st, int column)
{
	return history_or_null(st, column) ? copy(st, column) : NULL;
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
				     .reason = history_or_null(st, 18) ? copy(st, 18) : NULL,
				     .source = copy(st, 19)};
	if (history_or_null(st, 14)) {
		s->layer_name = copy(st, 14);
		s->over_name = copy(st, 15);
		s->measured_name = copy(st, 16);
		if (!s->layer_name || !s->over_name || !s->measured_name)
			return NULL;
	}
	if (!s->source || !s->reason != !history_or_null(st, 18))
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
		"started, runs.id, mid, low, high, " HISTORY_NAME_OF("layer") ", " HISTORY_NAME_OF(
			"over") ", " HISTORY_NAME_OF("measured") ", measured, nullif(reason, ''), "
								 "source "
								 "FROM figures JOIN runs ON "
								 "figures.run = "
								 "runs.id "
								 "WHERE (?1 IS NULL OR workload "
								 "GLOB ?1) "
								 "AND (?2 < 0 OR layer = ?2) "
								 "AND (?3 IS NULL "
								 "OR " HISTORY_NAME_OF(
									 "layer") " = ?3) "
										  "ORDER BY "
										  "machine, "
										  "stack, "
										  "workload, "
										  "params, "
										  "threads, layer, "
										  "over "
										  "DESC, measured, "
										  "source, reason, "
										  "started, "
										  "runs.run",
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
		rc = history_end_steps(h, st, code, err);
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

/* A difference that can change figures is taken. */
static int take_difference(struct history_surroundings *at, sqlite3_stmt *st, struct err *err)
{
	struct history_difference *d;

	if (env_weigh(history_text(st, 0), history_text(st, 1), history_text(st, 2)) == ENV_VARIES)
		return 0;
	d = array_grow(at->difference, at->differences, sizeof(*d));
	if (!d)
		return err_set(err, EXIT_INTERNAL, "out of memory for the history");
	at->difference = d;
	d += at->differences++;
	*d = (struct history_difference){
		.key = copy(st, 0), .before = copy_or_null(st, 1), .after = copy_or_null(st, 2)};
	history_place(st, 3, d->place);
	if (!d->key || !d->before != !history_or_null(st, 1) ||
	    !d->after != !history_or_null(st, 2))
		return err_set(err, EXIT_INTERNAL, "out of memory for the history");
	return 0;
}

/* What differs between the environments of two runs, if anything. */
static int find_differences(struct history *h, const struct history_point *before,
			    const struct history_point *after, struct history_surroundings *at,
			    struct err *err)
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
	int code, rc = 0;

	if (!st)
		return -1;
	sqlite3_bind_int64(st, 1, before->id);
	sqlite3_bind_int64(st, 2, after->id);
	while ((code = sqlite3_step(st)) == SQLITE_ROW && rc == 0)
		rc = take_difference(at, st, err);
	if (rc < 0)
		sqlite3_finalize(st);
	return rc < 0 ? -1 : history_end_steps(h, st, code, err);
}

int history_find_surroundings(struct history *h, const struct history_series *s, size_t change,
			      struct history_surroundings *at, struct err *err)
{
	size_t place = s->change[change].at;
	const size_t places[] = {place, place - 1, place + 1};
	int rc = 0;

	*at = (struct history_surroundings){.at = place};
	for (int i = 0; i < 3 && rc == 0 && at->differences == 0; i++) {
		if (places[i] == 0 || places[i] >= s->points)
			continue;
		rc = find_differences(h, &s->point[places[i] - 1], &s->point[places[i]], at, err);
		if (at->differences)
			at->at = places[i];
	}
	if (rc < 0)
		history_surroundings_release(at);
	return rc;
}

void history_surroundings_release(struct history_surroundings *at)
{
	for (size_t i = 0; i < at->differences; i++) {
		free(at->difference[i].key);
		free(at->difference[i].before);
		free(at->difference[i].after);
	}
	free(at->difference);
	*at = (struct history_surroundings){0};
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
