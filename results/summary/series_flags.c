/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flags for a series that is odd: what was measured of one workload in one layer. */
#include <math.h>
#include <stdlib.h>

#include "results/stats/series.h"
#include "results/stats/stats.h"
#include "results/summary/remeasured.h"
#include "results/summary/summary_parts.h"

/* The probability of a false flag of each kind, for one entry. */
static const double LEVEL = 0.01;

/* By how much the first batch that counts must cost more than the others of its round. */
static const double FIRST_COSTS_MORE = 1.02;

static bool counts(const struct record *r)
{
	return r->measured && r->cost > 0;
}

/* How many boots have each trend. */
static int count_trends(const struct summary_entry *e, uint64_t seed, double *work,
			size_t count[TREND_UNSETTLED + 1], struct err *err)
{
	for (size_t i = 0, end; i < e->cells; i = end) {
		enum trend trend;
		size_t n = 0;

		for (end = i; end < e->cells && e->cell[end].boot == e->cell[i].boot; end++)
			if (e->cell[end].cost > 0)
				work[n++] = log(e->cell[end].cost);
		if (series_trend(work, n, LEVEL, seed, &trend, err) < 0)
			return -1;
		count[trend]++;
	}
	return 0;
}

/*
 * The trend of an entry: flagged when more boots have one than false alarms explain (one of one
 * boot, two of up to fifteen). Boots that disagree count as unsettled.
 */
static int find_trend(struct summary_entry *e, uint64_t seed, double *work, struct err *err)
{
	size_t count[TREND_UNSETTLED + 1] = {0}, odd;

	if (count_trends(e, seed, work, count, err) < 0)
		return -1;
	odd = count[TREND_WARM_UP] + count[TREND_SLOW_DOWN] + count[TREND_UNSETTLED];
	if (odd == 0 || stats_chance(odd, odd + count[TREND_STEADY], LEVEL) > LEVEL * 1.0001)
		return 0;
	if (count[TREND_WARM_UP] == odd)
		e->flags |= FLAG_WARM_UP;
	else if (count[TREND_SLOW_DOWN] == odd)
		e->flags |= FLAG_SLOW_DOWN;
	else
		e->flags |= FLAG_UNSETTLED;
	return 0;
}

/*
 * Each round starts the workload again. Whether its first batch that counts still warms up: more
 * expensive than the median of the others of its round in more rounds than chance allows (sign
 * test), and by enough to matter.
 */
static void find_warming(struct summary_entry *e, const struct group *g, double *work)
{
	double *ratio = work + g->records;
	size_t rounds = 0, more = 0;

	for (size_t i = 0, end; i < g->records; i = end) {
		double first = 0;
		size_t n = 0;

		end = end_of_round(g, i);
		for (size_t k = i; k < end; k++) {
			if (!counts(&g->record[k]))
				continue;
			if (first > 0)
				work[n++] = g->record[k].cost;
			else
				first = g->record[k].cost;
		}
		if (n == 0)
			continue;
		ratio[rounds] = first / stats_median_of(work, n);
		more += ratio[rounds++] > 1;
	}
	if (rounds && stats_sign_test(more, rounds) <= LEVEL &&
	    stats_median_of(ratio, rounds) > FIRST_COSTS_MORE)
		e->flags |= FLAG_WARM_UP;
}

/* The share of the variance of logs between the rounds of a boot, and the mean number of batches in
 * a round. */
static double round_share(const struct group *g, double *batches)
{
	double within = 0, total = 0, all = 0, sum = 0;
	size_t rounds = 0, n = 0;

	for (size_t i = 0, end; i < g->records; i = end) {
		double mean = 0;
		size_t m = 0;

		end = end_of_round(g, i);
		for (size_t k = i; k < end; k++)
			if (counts(&g->record[k])) {
				mean += log(g->record[k].cost);
				m++;
			}
		if (m == 0)
			continue;
		mean /= (double)m;
		for (size_t k = i; k < end; k++)
			if (counts(&g->record[k])) {
				double x = log(g->record[k].cost);

				within += (x - mean) * (x - mean);
				all += x;
				sum += 1;
			}
		n += m;
		rounds++;
	}
	*batches = rounds ? (double)n / (double)rounds : 1;
	if (n <= rounds)
		return 0;
	all /= sum;
	for (size_t i = 0; i < g->records; i++)
		if (counts(&g->record[i]))
			total += pow(log(g->record[i].cost) - all, 2);
	if (total <= 0)
		return 0;
	return fmax(0, 1 - within / (double)(n - rounds) / (total / (double)(n - 1)));
}

/* Two modes among the batches. A series that changes its level has several anyway, so it is not
 * tested. */
static int find_modes(struct summary_entry *e, const struct group *g, double *work, struct err *err)
{
	size_t *indices = calloc(4 * (e->batches + 1), sizeof(*indices)), n = 0;
	double batches, rho = round_share(g, &batches);

	if (!indices)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	for (size_t i = 0; i < e->batches; i++)
		if (e->batch[i] > 0)
			work[n++] = log(e->batch[i]);
	if (n && series_is_bimodal(work, n, batches, rho, indices))
		e->flags |= FLAG_BIMODAL;
	free(indices);
	return 0;
}

int flag_series(struct summary_entry *e, const struct group *g, uint64_t seed, struct err *err)
{
	const unsigned trends = FLAG_SLOW_DOWN | FLAG_UNSETTLED | FLAG_WARM_UP;
	double *work = calloc(2 * g->records + 1, sizeof(*work));
	int rc;

	if (!work)
		return err_set(err, EXIT_INTERNAL, "out of memory for the summary");
	rc = find_trend(e, seed, work, err);
	find_warming(e, g, work);
	if (rc == 0 && !(e->flags & trends))
		rc = find_modes(e, g, work, err);
	free(work);
	return rc;
}
