/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One workload in one layer, and its ratios to the same workload in other layers. */
#include "results/summary/summary_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/stats/stats.h"
#include "results/summary/remeasured.h"

/* Beyond this many scaled MADs a batch counts as an outlier; it is counted and kept. */
static const double OUTLIER_MADS = 5;

/* Counts outliers and sorts the costs. work holds as many. */
static void describe_batches(struct summary_entry *e, double *cost, size_t n, double *work)
{
	double mad;

	if (n == 0)
		return;
	mad = stats_scaled_mad(cost, n, work);
	stats_sort(cost, n);
	for (size_t i = 0; i < n && mad > 0; i++)
		e->outliers += fabs(cost[i] - stats_median(cost, n)) > OUTLIER_MADS * mad;
	e->p95 = stats_quantile(cost, n, 0.95);
	e->p99 = stats_quantile(cost, n, 0.99);
}

/* work holds twice as many doubles as the group has records. */
static void describe_latency(struct summary_entry *e, const struct group *g, double *work)
{
	double *p50 = work, *p99 = work + g->records;
	size_t n = 0;

	for (size_t i = 0; i < g->records; i++) {
		const struct sample_latency *l = &g->record[i].latency;

		if (l->max_ns == 0)
			continue;
		p50[n] = (double)l->p50_ns;
		p99[n++] = (double)l->p99_ns;
		e->latency.max = fmax(e->latency.max, (double)l->max_ns);
	}
	if (n == 0)
		return;
	e->latency.p50 = stats_median_of(p50, n);
	e->latency.p99 = stats_median_of(p99, n);
}

/* work holds as many doubles as the group has records. */
static int make_cells(struct summary_entry *e, const struct group *g, double *work, struct err *err)
{
	size_t cells = 0;

	for (size_t i = 0; i < g->records; i = end_of_round(g, i))
		cells++;
	e->cell = calloc(cells + 1, sizeof(*e->cell));
	if (!e->cell)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	for (size_t i = 0, end; i < g->records; i = end) {
		const struct record *first = &g->record[i];
		struct summary_cell *cell = &e->cell[e->cells];
		size_t n = 0;

		*cell = (struct summary_cell){.boot = first->boot,
					      .round = first->round,
					      .by = first->other ? first->other : first->round};
		end = end_of_round(g, i);
		for (size_t k = i; k < end; k++)
			if (g->record[k].measured) {
				work[n++] = g->record[k].cost;
				cell->suspect |= g->record[k].suspect;
			}
		if (n == 0)
			continue;
		cell->cost = stats_median_of(work, n);
		if (cell->cost <= 0)
			e->flags |= FLAG_ZERO;
		e->cells++;
	}
	return 0;
}

static int estimate_cost(struct summary_entry *e, struct estimator *est, struct err *err)
{
	struct series series = {0};
	int rc = 0;

	for (size_t i = 0; i < e->cells && rc == 0; i++)
		rc = series_add(&series, e->cell[i].boot, e->cell[i].cost, err);
	e->boots = series_boots(&series);
	if (e->boots == 1 && e->cells < 6)
		e->flags |= FLAG_FEW_ROUNDS;
	if (e->boots == 1)
		e->flags |= FLAG_ONE_BOOT;
	else if (e->boots > 1 && e->boots < 5)
		e->flags |= FLAG_FEW_BOOTS;
	if (rc == 0)
		rc = estimate_median(est, &series, &e->cost, err);
	series_release(&series);
	return rc;
}

int entry_from_group(struct summary_entry *e, struct group *g, struct estimator *est,
		     struct err *err)
{
	double *cost = calloc(2 * g->records + 1, sizeof(*cost));
	size_t n = 0;
	int rc = -1;

	*e = (struct summary_entry){
		.workload = g->workload,
		.class = g->class,
		.params = g->params,
		.threads = g->threads,
		.layer = g->layer,
		.unit = sample_unit_name(g->unit),
		.traits = g->traits,
		.cost = ESTIMATE_NONE,
		.ratio_l0 = ESTIMATE_NONE,
		.ratio_up = ESTIMATE_NONE,
		.share = ESTIMATE_NONE,
		.p95 = NAN,
		.p99 = NAN,
		.failed = g->failed,
		.skipped = g->skipped,
		.timed_out = g->timed_out,
		.suspect = g->suspect,
		.flags = (g->is_short ? FLAG_SHORT : 0) | (g->is_polled ? FLAG_POLLED : 0),
		.reason = g->reason,
		.remark = g->remark,
		.latency = {NAN, NAN, NAN},
	};
	g->workload = g->class = g->params = g->reason = g->remark = NULL;
	if (!cost)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	describe_latency(e, g, cost);
	for (size_t i = 0; i < g->records; i++)
		if (g->record[i].measured)
			cost[n++] = g->record[i].cost;
	describe_batches(e, cost, n, cost + g->records);
	e->batches = n;
	e->batch = malloc((n + 1) * sizeof(*cost));
	if (e->batch)
		memcpy(e->batch, cost, n * sizeof(*cost));
	else
		err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	if (e->batch && make_cells(e, g, cost, err) == 0 && estimate_cost(e, est, err) == 0)
		rc = est->mids_only ? 0 : flag_series(e, g, est->seed, err);
	free(cost);
	return rc;
}

const struct summary_entry *summary_find(const struct summary *s, const char *workload,
					 const char *params, uint32_t threads, uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (e->layer == layer && e->threads == threads &&
		    strcmp(e->workload, workload) == 0 && strcmp(e->params, params) == 0)
			return e;
	}
	return NULL;
}

bool summary_has_cost(const struct summary_entry *e)
{
	return !isnan(e->cost.mid);
}

bool summary_is_size(const struct summary_entry *e)
{
	return strcmp(e->unit, "ns/op") != 0;
}

/* Families */

static bool same_work(const struct summary_entry *a, const struct summary_entry *b)
{
	return a->threads == b->threads && strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->params, b->params) == 0;
}

struct family family_at(const struct summary *s, size_t index)
{
	struct family f = {.first = &s->entry[index]};

	while (index + f.count < s->entries && same_work(f.first, f.first + f.count))
		f.count++;
	return f;
}

const struct summary_entry *family_layer(const struct family *f, uint32_t layer)
{
	for (size_t i = 0; i < f->count; i++)
		if (f->first[i].layer == layer)
			return &f->first[i];
	return NULL;
}

static int compare_u64(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_cells(const void *left, const void *right)
{
	const struct summary_cell *a = left, *b = right;

	return a->boot != b->boot ? compare_u64(a->boot, b->boot) : compare_u64(a->round, b->round);
}

double cell_cost(const struct summary_entry *e, uint32_t boot, uint32_t round)
{
	const struct summary_cell key = {.boot = boot, .round = round};
	const struct summary_cell *cell =
		bsearch(&key, e->cell, e->cells, sizeof(key), compare_cells);

	return cell ? cell->cost : 0;
}

double log_ratio(const struct summary_entry *e, double cost, double base)
{
	return summary_is_size(e) ? log(base / cost) : log(cost / base);
}

/* Whether two layers did different work in a batch that both have; both are sorted. */
static bool digests_differ(const struct group *a, const struct group *b)
{
	for (size_t i = 0, j = 0; i < a->records && j < b->records;) {
		const struct record *x = &a->record[i], *y = &b->record[j];
		int order = compare_u64(x->boot, y->boot);

		if (order == 0)
			order = compare_u64(x->round, y->round);
		if (order == 0)
			order = compare_u64(x->batch, y->batch);
		if (order == 0)
			order = compare_u64(x->ops, y->ops);
		if (order == 0 && x->digest != y->digest)
			return true;
		i += order <= 0;
		j += order >= 0;
	}
	return false;
}

void check_digests(struct summary *s, const struct collection *c)
{
	for (size_t i = 0; i < s->entries;) {
		struct family f = family_at(s, i);
		bool differ = false;

		for (size_t k = 1; k < f.count; k++)
			differ |= digests_differ(&c->group[i + k - 1], &c->group[i + k]);
		for (size_t k = 0; k < f.count && differ; k++)
			s->entry[i + k].flags |= FLAG_DIGEST;
		i += f.count;
	}
}

/* The ratio of an entry to the same workload in another layer, paired by cell. */
static int pair(const struct summary_entry *e, const struct summary_entry *base,
		struct estimator *est, struct estimate *ratio, struct err *err)
{
	struct series series = {0};
	int rc = 0;

	for (size_t i = 0; i < e->cells && rc == 0; i++) {
		const struct summary_cell *cell = &e->cell[i];
		double other = cell_cost(base, cell->boot, cell->round);

		if (cell->cost > 0 && other > 0)
			rc = series_add(&series, cell->boot, log_ratio(e, cell->cost, other), err);
	}
	if (rc == 0)
		rc = estimate_median(est, &series, ratio, err);
	*ratio = estimate_exp(*ratio);
	series_release(&series);
	return rc;
}

int pair_layers(struct summary *s, struct estimator *est, struct err *err)
{
	for (size_t i = 0; i < s->entries;) {
		struct family f = family_at(s, i);
		const struct summary_entry *ground = family_layer(&f, 0);

		for (size_t end = i + f.count; i < end; i++) {
			struct summary_entry *e = &s->entry[i];
			const struct summary_entry *above =
				family_layer(&f, summary_parent(s, e->layer));

			if (e->flags & FLAG_DIGEST)
				continue;
			if (e->layer == 0 && e->cost.mid > 0)
				e->ratio_l0.mid = e->share.mid = 1;
			if (above && pair(e, above, est, &e->ratio_up, err) < 0)
				return -1;
			if (e->layer == 0 || !ground || (e->flags & FLAG_NO_HOST))
				continue;
			if (pair(e, ground, est, &e->ratio_l0, err) < 0)
				return -1;
			e->share = estimate_inverse(e->ratio_l0);
		}
	}
	return 0;
}
