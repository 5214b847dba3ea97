/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

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

double stats_scaled_mad(const double *x, size_t n, double *work)
{
	return gsl_stats_mad(x, 1, n, work);
}

/*
 * The largest k >= 1 for which at most k - 1 of n values lie below the median with a chance of at
 * most `tail`; 0 when there is none. Found by bisection, since the chance grows with k.
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

bool stats_sign_bound(size_t n, double confidence, size_t *bound)
{
	size_t k = sign_rank(n, 1 - confidence);

	if (k == 0)
		return false;
	*bound = n + 1 - k;
	return true;
}

double stats_sign_test(size_t hits, size_t n)
{
	if (hits == 0)
		return 1;
	return gsl_cdf_binomial_Q((unsigned)(hits - 1), 0.5, (unsigned)n);
}

double stats_geometric_mean(const double *x, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += log(x[i]);
	return exp(sum / (double)n);
}

/* Draws one resample into `drawn`, which has room for it, and returns its median. */
static double resample_median(gsl_rng *rng, const double *x, const size_t *start,
			      const size_t *size, size_t groups, double *drawn)
{
	size_t n = 0;

	for (size_t i = 0; i < groups; i++) {
		size_t g = gsl_rng_uniform_int(rng, groups);

		for (size_t j = 0; j < size[g]; j++)
			drawn[n++] = x[start[g] + gsl_rng_uniform_int(rng, size[g])];
	}
	return gsl_stats_median(drawn, 1, n);
}

int stats_bootstrap_medians(const double *x, const size_t *size, size_t groups, uint64_t seed,
			    double *out, size_t resamples, struct err *err)
{
	size_t *start = calloc(groups, sizeof(*start)), largest = 0;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	double *drawn = NULL;
	int rc = -1;

	for (size_t g = 0; g < groups; g++)
		largest = size[g] > largest ? size[g] : largest;
	drawn = calloc(groups * largest, sizeof(*drawn));
	if (!start || !rng || !drawn) {
		err_set(err, EXIT_INTERNAL, "out of memory for the bootstrap");
		goto cleanup;
	}
	for (size_t g = 1; g < groups; g++)
		start[g] = start[g - 1] + size[g - 1];
	gsl_rng_set(rng, (unsigned long)seed);
	for (size_t i = 0; i < resamples; i++)
		out[i] = resample_median(rng, x, start, size, groups, drawn);
	stats_sort(out, resamples);
	rc = 0;
cleanup:
	free(drawn);
	free(start);
	if (rng)
		gsl_rng_free(rng);
	return rc;
}
