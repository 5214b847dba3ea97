/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void stats_sort(double *x, size_t n)
{
	gsl_sort(x, 1, n);
}

double stats_quantile(const double *sorted, size_t n, double p)
{
	return gsl_stats_quantile_from_sorted_data(sorted, 1, n, p);
}

double stats_median(const double *sorted, size_t n)
{
	return gsl_stats_median_from_sorted_data(sorted, 1, n);
}

double stats_median_of(double *x, size_t n)
{
	stats_sort(x, n);
	return stats_median(x, n);
}

double stats_scaled_mad(const double *x, size_t n, double *work)
{
	return gsl_stats_mad(x, 1, n, work);
}

/*
 * The largest k >= 1 for which at most k - 1 of n values are below the median with a probability of
 * at most `tail`; 0 when there is none. Found by bisection, since the probability grows with k.
 */
static size_t sign_rank(size_t n, double tail)
{
	size_t low = 0, high = n / 2 + 1;

	while (high - low > 1) {
		size_t k = low + (high - low) / 2;

		if (gsl_cdf_binomial_P((unsigned)(k - 1), 0.5, (unsigned)n) <= tail)
			low = k;
		else
			high = k;
	}
	return low;
}

bool stats_sign_interval(size_t n, double confidence, size_t *low, size_t *high)
{
	size_t k = sign_rank(n, (1 - confidence) / 2);

	if (k == 0)
		return false;
	*low = k;
	*high = n + 1 - k;
	return true;
}

double stats_chance(size_t hits, size_t n, double p)
{
	return hits ? gsl_cdf_binomial_Q((unsigned)(hits - 1), p, (unsigned)n) : 1;
}

double stats_sign_test(size_t hits, size_t n)
{
	return stats_chance(hits, n, 0.5);
}

void stats_share_interval(size_t hits, size_t n, double confidence, double *low, double *high)
{
	double tail = (1 - confidence) / 2, k = (double)hits, misses = (double)(n - hits);

	*low = hits ? gsl_cdf_beta_Pinv(tail, k, misses + 1) : 0;
	*high = hits < n ? gsl_cdf_beta_Qinv(tail, k + 1, misses) : 1;
}

double stats_quantile_of(double *x, size_t n, double p)
{
	double place = p * (double)(n - 1), part = place - floor(place), low;
	size_t i = (size_t)place;

	low = gsl_stats_select(x, 1, n, i);
	if (part == 0 || i + 1 == n)
		return low;
	return low + part * (gsl_stats_select(x, 1, n, i + 1) - low);
}

/* A number below n. 32 random bits against n groups or values: the bias is below n/2^32. */
static size_t draw_below(gsl_rng *rng, size_t n)
{
	return (size_t)(gsl_rng_get(rng) * (uint64_t)n >> 32);
}

/* Counts how often each value is drawn in one resample; returns the number of draws. */
static size_t draw(gsl_rng *rng, const size_t *size, const size_t *start, size_t groups,
		   uint16_t *count)
{
	size_t draws = 0;

	for (size_t k = 0; k < groups; k++) {
		size_t g = draw_below(rng, groups);

		for (size_t j = 0; j < size[g]; j++) {
			uint16_t *c = &count[start[g] + draw_below(rng, size[g])];

			*c = (uint16_t)(*c + (*c < UINT16_MAX));
		}
		draws += size[g];
	}
	return draws;
}

int stats_resamples_draw(struct stats_resamples *r, const size_t *size, size_t groups, size_t count,
			 uint64_t seed, struct err *err)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t *start = calloc(groups + 1, sizeof(*start)), n = 0;

	for (size_t g = 0; g < groups && start; g++) {
		start[g] = n;
		n += size[g];
	}
	*r = (struct stats_resamples){.n = n, .count = count};
	r->drawn = calloc(count * n, sizeof(*r->drawn));
	r->draws = calloc(count, sizeof(*r->draws));
	if (!rng || !start || !r->drawn || !r->draws) {
		err_set(err, EXIT_INTERNAL, "out of memory for the bootstrap");
		stats_resamples_release(r);
		goto cleanup;
	}
	gsl_rng_set(rng, (unsigned long)seed);
	for (size_t i = 0; i < count; i++)
		r->draws[i] = draw(rng, size, start, groups, r->drawn + i * n);
cleanup:
	if (rng)
		gsl_rng_free(rng);
	free(start);
	return r->drawn ? 0 : -1;
}

void stats_resamples_release(struct stats_resamples *r)
{
	free(r->drawn);
	free(r->draws);
	*r = (struct stats_resamples){0};
}

/* The median of one resample: steps through the values in ascending order until half of the draws
 * are counted. */
static double resampled_median(const uint16_t *drawn, size_t draws, const double *x,
			       const size_t *order)
{
	size_t seen = 0, i = 0;
	double low;

	while ((seen += drawn[order[i]]) < (draws + 1) / 2)
		i++;
	low = x[order[i]];
	if (draws % 2 || seen > draws / 2)
		return low;
	do
		i++;
	while (drawn[order[i]] == 0);
	return (low + x[order[i]]) / 2;
}

int stats_resampled_medians(const struct stats_resamples *r, const double *x, double *out,
			    struct err *err)
{
	size_t *order = calloc(r->n, sizeof(*order));

	if (!order)
		return err_set(err, EXIT_INTERNAL, "out of memory for the bootstrap");
	gsl_sort_index(order, x, 1, r->n);
	for (size_t i = 0; i < r->count; i++)
		out[i] = resampled_median(r->drawn + i * r->n, r->draws[i], x, order);
	free(order);
	return 0;
}
