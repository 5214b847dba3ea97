/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apache Otava reads a wide CSV: a row for each run in the order of time, a column for each metric,
 * no empty cell. So only a metric of all runs becomes a column. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/export/export_exits.h"

/* The same exits of another run; NULL: it has none, or they do not belong to operations. */
static const struct exit_metric *find_exit_like(const struct summary *s,
						const struct exit_counts *counts,
						const struct export_exit *e)
{
	const struct exit_series *x = e->series;
	const struct exit_series *other =
		exit_counts_find(counts, x->workload, x->params, x->threads,
				 summary_layer_like(e->s, x->measured, s),
				 summary_layer_like(e->s, x->layer, s), x->source);
	const struct exit_metric *m = other ? exit_series_find(other, e->metric->reason) : NULL;

	return m && exit_metric_is_gated(other, m) ? m : NULL;
}

/* Runs in the order of time, the counts of each, and the row that is written. */
struct otava {
	const struct summary **run;
	struct exit_counts *counts;
	size_t runs, row;
	struct buf *out;
	bool is_heading;
	size_t columns; /* of exits */
};

/* The column of exits that all runs have. */
static int add_otava_exit(void *ctx, const struct export_exit *e, struct err *err)
{
	struct otava *o = ctx;
	char name[EXPORT_NAME];

	for (size_t i = 0; i < o->runs; i++)
		if (!find_exit_like(o->run[i], &o->counts[i], e))
			return 0;
	o->columns++;
	buf_addstr(o->out, ",");
	if (o->is_heading)
		csv_add_field(o->out, export_exit_name(e, '_', name));
	else
		csv_add_double(o->out,
			       find_exit_like(o->run[o->row], &o->counts[o->row], e)->per_op.mid);
	return 0;
}

static int read_otava_exits(struct otava *o, struct err *err)
{
	o->counts = calloc(o->runs, sizeof(*o->counts));
	if (!o->counts)
		return err_set(err, EXIT_INTERNAL, "out of memory for an export");
	for (size_t i = 0; i < o->runs; i++) {
		const char *run = o->run[i]->manifest.run;

		if (exit_counts_load(o->run[i]->dir, run[0] ? run : NULL, &o->counts[i], err) < 0)
			return -1;
	}
	return 0;
}

/* e is one of `from`. */
static const struct summary_entry *find_like(const struct summary *s, const struct summary *from,
					     const struct summary_entry *e)
{
	const struct summary_entry *other = summary_find(s, e->workload, e->params, e->threads,
							 summary_layer_like(from, e->layer, s));

	return other && summary_has_cost(other) ? other : NULL;
}

static bool all_have(const struct summary *runs, size_t count, const struct summary_entry *e)
{
	for (size_t i = 0; i < count; i++)
		if (!find_like(&runs[i], &runs[0], e))
			return false;
	return true;
}

static int by_start(const void *left, const void *right)
{
	const struct summary *const *a = left, *const *b = right;

	return strcmp((*a)->manifest.started, (*b)->manifest.started);
}

/* "2026-01-31T12:00:00Z" with its zone as an offset. */
static int add_time(struct buf *out, const struct summary *s, struct err *err)
{
	const char *started = s->manifest.started;
	char run[MANIFEST_NAME];

	if (strlen(started) != 20 || started[19] != 'Z' ||
	    strspn(started, "0123456789-:TZ") != strlen(started))
		return err_set(err, EXIT_USAGE,
			       "the manifest of run \"%s\" does not say when it started, as "
			       "2026-01-31T12:00:00Z, and the rows must be in the order of time",
			       csv_printable(s->manifest.run, run, sizeof(run)));
	buf_addf(out, "%.19s+00:00", started);
	return 0;
}

static int write_heading(struct otava *o, const struct summary *runs, struct err *err)
{
	char name[EXPORT_NAME];
	size_t columns = 0;

	o->is_heading = true;
	buf_addstr(o->out, "time,run");
	for (size_t i = 0; i < runs->entries; i++)
		if (all_have(runs, o->runs, &runs->entry[i])) {
			buf_addstr(o->out, ",");
			csv_add_field(o->out, export_name(runs, &runs->entry[i], '_', name));
			columns++;
		}
	if (export_exits_of(o->run[0], &o->counts[0], add_otava_exit, o, err) < 0)
		return -1;
	buf_addstr(o->out, "\n");
	return columns + o->columns ? 0
				    : err_set(err, EXIT_INCONCLUSIVE,
					      "there is no figure that all of these runs have");
}

static int write_row(struct otava *o, const struct summary *runs, size_t row, struct err *err)
{
	const struct summary *s = o->run[row];
	char name[EXPORT_NAME];

	o->is_heading = false;
	o->row = row;
	if (add_time(o->out, s, err) < 0)
		return -1;
	buf_addstr(o->out, ",");
	csv_add_field(o->out, csv_printable(s->manifest.run, name, sizeof(name)));
	for (size_t i = 0; i < runs->entries; i++)
		if (all_have(runs, o->runs, &runs->entry[i])) {
			buf_addstr(o->out, ",");
			csv_add_double(o->out, find_like(s, runs, &runs->entry[i])->cost.mid);
		}
	if (export_exits_of(o->run[0], &o->counts[0], add_otava_exit, o, err) < 0)
		return -1;
	buf_addstr(o->out, "\n");
	return 0;
}

int export_otava(const struct summary *runs, size_t count, struct buf *out, struct err *err)
{
	const struct summary **sorted =
		calloc(count, sizeof(*sorted)); /* NOLINT(bugprone-sizeof-expression) of pointers */
	struct otava o = {.run = sorted, .runs = count, .out = out};
	int rc = -1;

	if (!sorted)
		return err_set(err, EXIT_INTERNAL, "out of memory for an export");
	for (size_t i = 0; i < count; i++)
		sorted[i] = &runs[i];
	qsort(sorted, count, sizeof(*sorted), /* NOLINT(bugprone-sizeof-expression) of pointers */
	      by_start);
	if (read_otava_exits(&o, err) < 0 || write_heading(&o, runs, err) < 0)
		goto cleanup;
	rc = 0;
	for (size_t r = 0; r < count && rc == 0; r++)
		rc = write_row(&o, runs, r, err);
	if (rc == 0)
		rc = buf_check(out, err);
cleanup:
	for (size_t i = 0; o.counts && i < count; i++)
		exit_counts_release(&o.counts[i]);
	free(o.counts);
	free(sorted);
	return rc;
}
