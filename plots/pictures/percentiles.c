/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often an operation takes longer: the distribution over batches for kernels that measure a
 * latency. */
#include "plots/plot.h"

#include "results/stats/stats.h"

enum { POINTS = 200, LEAST_BATCHES = 8 };

static bool has_curve(const struct summary_entry *e)
{
	return e->batches >= LEAST_BATCHES && e->batch[0] > 0;
}

/* An operation that somebody waits for; of the others a rate is measured. */
static bool is_drawn(const struct family *work)
{
	bool any = false;

	for (size_t k = 0; k < work->count && (work->first->traits & SAMPLE_LATENCY); k++)
		any |= has_curve(&work->first[k]);
	return any;
}

static void add_point(struct picture *p, const struct summary_entry *e, size_t panel,
		      const char *name, const char *kind, double cost, double share)
{
	picture_row(p, (double)panel, e->layer, name);
	picture_text(p, kind);
	picture_number(p, cost * 1e-9);
	picture_number(p, share);
}

/* Each time against the place of its rank, i of n, at i/(n + 1). */
static void add_curve(struct picture *p, const struct summary_entry *e, size_t panel,
		      const char *name)
{
	static const double marks[] = {0.50, 0.95, 0.99};
	size_t n = e->batches, points = n < POINTS ? n : POINTS;

	if (!has_curve(e))
		return;
	for (size_t i = 0; i < points; i++) {
		size_t rank = 1 + i * (n - 1) / (points - 1);

		add_point(p, e, panel, name, "curve", e->batch[rank - 1],
			  (double)rank / (double)(n + 1));
	}
	/* A percentile that so few batches do not reach is not drawn. */
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i] <= (double)n / (double)(n + 1))
			add_point(p, e, panel, name, "mark", stats_quantile(e->batch, n, marks[i]),
				  marks[i]);
	picture_gap(p);
}

static void add_cell(struct grid *g, const struct summary_entry *e)
{
	char p50[TEXT_SHORT], p95[TEXT_SHORT], p99[TEXT_SHORT];

	if (!e || !has_curve(e))
		grid_add(g, "no data");
	else
		grid_addf(g, "%s, %s, %s",
			  text_cost(e, stats_quantile(e->batch, e->batches, 0.5), p50),
			  text_cost(e, e->p95, p95), text_cost(e, e->p99, p99));
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	static const struct panels how = {"p50, p95, p99 over batches", is_drawn, add_cell,
					  add_curve};

	picture_notes(p, s, "marks: p50, p95, p99; the axis is stretched towards 100 %");
	picture_columns(p, "panel", "kind\tseconds\tshare");
	if (picture_panels(p, s, &how) == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no latency was measured by 8 batches in any layer");
	return buf_check(&p->data, err);
}

const struct plot plot_percentiles = {
	.name = "percentiles",
	.title = "How often it takes longer",
	.summary = "distribution of the time per operation over batches, with the percentiles 50, "
		   "95 and 99",
	.place = PLOT_OF_WORKLOADS,
	.make = make,
};
