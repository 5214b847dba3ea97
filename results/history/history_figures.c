/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of a run: costs, factors, exits per operation. */
#include <math.h>
#include <string.h>

#include "results/exits/exit_counts.h"
#include "results/history/history_parts.h"

int history_number_of(const struct summary *s, uint32_t layer)
{
	int number = layer > 0;

	if (!s->is_tree || layer >= s->layers)
		return (int)layer;
	for (uint32_t k = 1; k < s->layers && layer; k++)
		number += strcmp(summary_layer_name(s, k), summary_layer_name(s, layer)) < 0;
	return number;
}

/* What a figure is of, and the statement that adds it. */
struct figure {
	const char *workload, *params, *unit;
	uint32_t threads, layer, over, measured;
	const char *reason, *source;
};

static int add_figure(struct history *h, sqlite3_stmt *st, const struct summary *s,
		      const struct figure *f, const struct estimate *value, struct err *err)
{
	if (!isfinite(value->mid))
		return 0;
	history_bind_text(st, 2, f->workload);
	history_bind_text(st, 3, f->params);
	sqlite3_bind_int64(st, 4, f->threads);
	sqlite3_bind_int64(st, 5, history_number_of(s, f->layer));
	sqlite3_bind_int64(st, 6, history_number_of(s, f->over));
	history_bind_text(st, 7, f->unit);
	history_bind_double(st, 8, value->mid);
	history_bind_double(st, 9, value->low);
	history_bind_double(st, 10, value->high);
	sqlite3_bind_int64(st, 11, history_number_of(s, f->measured));
	history_bind_text(st, 12, f->reason);
	history_bind_text(st, 13, f->source);
	return history_step(h, st, err);
}

/* A cost, or the factor to another layer. */
static int add_cost(struct history *h, sqlite3_stmt *st, const struct summary *s,
		    const struct summary_entry *e, uint32_t over, const struct estimate *value,
		    struct err *err)
{
	const struct figure f = {.workload = e->workload,
				 .params = e->params,
				 .unit = over == e->layer ? e->unit : "ratio",
				 .threads = e->threads,
				 .layer = e->layer,
				 .over = over,
				 .measured = e->layer,
				 .reason = "",
				 .source = ""};

	return add_figure(h, st, s, &f, value, err);
}

static int add_series(struct history *h, sqlite3_stmt *st, const struct summary *s,
		      const struct exit_series *of, struct err *err)
{
	for (size_t i = 0; i < of->metrics; i++) {
		const struct exit_metric *m = &of->metric[i];
		const struct figure f = {.workload = of->workload,
					 .params = of->params,
					 .unit = "exits/op",
					 .threads = of->threads,
					 .layer = of->layer,
					 .over = of->layer,
					 .measured = of->measured,
					 .reason = m->reason,
					 .source = of->source};

		if (exit_metric_is_gated(of, m) && add_figure(h, st, s, &f, &m->per_op, err) < 0)
			return -1;
	}
	return 0;
}

static int add_exits(struct history *h, sqlite3_stmt *st, const struct summary *s, struct err *err)
{
	struct exit_counts counts = {0};
	int rc = exit_counts_load(s->dir, s->manifest.run, &counts, err);

	for (size_t i = 0; i < counts.count && rc == 0; i++)
		if (counts.series[i].layer < s->layers && counts.series[i].measured < s->layers)
			rc = add_series(h, st, s, &counts.series[i], err);
	exit_counts_release(&counts);
	return rc;
}

int history_add_figures(struct history *h, const struct summary *s, sqlite3_int64 id,
			struct err *err)
{
	sqlite3_stmt *st =
		history_prepare(h, "INSERT INTO figures VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", err);
	int rc = st ? 0 : -1;

	if (st)
		sqlite3_bind_int64(st, 1, id);
	for (size_t i = 0; i < s->entries && rc == 0; i++) {
		const struct summary_entry *e = &s->entry[i];
		uint32_t parent = summary_parent(s, e->layer);

		rc = add_cost(h, st, s, e, e->layer, &e->cost, err);
		if (rc == 0 && e->layer)
			rc = add_cost(h, st, s, e, 0, &e->ratio_l0, err);
		if (rc == 0 && parent != LAYER_NO_PARENT && parent > 0)
			rc = add_cost(h, st, s, e, parent, &e->ratio_up, err);
	}
	if (rc == 0)
		rc = add_exits(h, st, s, err);
	sqlite3_finalize(st);
	return rc;
}
