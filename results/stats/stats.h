/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statistics as pure functions. Values are finite unless said otherwise; n is at least 1 unless
 * said otherwise. "Sorted" means ascending.
 */
#ifndef NB_STATS_H
#define NB_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

void stats_sort(double *x, size_t n);

/*
 * The p-quantile of sorted values, p from 0 to 1, by linear interpolation between order statistics
 * at 1 + (n − 1) p: type 7 of Hyndman & Fan, "Sample Quantiles in Statistical Packages", The
 * American Statistician 50 (1996); the default of R and NumPy. (GSL:
 * gsl_stats_quantile_from_sorted_data.)
 */
double stats_quantile(const double *sorted, size_t n, double p);

/* The median of sorted values; and of values in any order, which are sorted. */
double stats_median(const double *sorted, size_t n);
double stats_median_of(double *x, size_t n);

/*
 * Median absolute deviation from the median, times 1.4826…, so that it estimates the standard
 * deviation of a normal distribution (Hampel, JASA 69 (1974); R's mad()). work holds n values.
 * (GSL: gsl_stats_mad.)
 */
double stats_scaled_mad(const double *x, size_t n, double *work);

/*
 * Order statistics that bound the median: of n sorted values, counted from 1, the interval from
 * x[low] to x[high] covers the median with at least the confidence, without assumptions about the
 * distribution, because the number of values below the median is binomial(n, 1/2) (sign test;
 * Conover, "Practical Nonparametric Statistics", 3rd ed., 3.2). Returns false when no pair of the n
 * values attains it: n < 6 for 0.95. The two-sided interval leaves at most (1 − confidence)/2 on
 * each side.
 */
bool stats_sign_interval(size_t n, double confidence, size_t *low, size_t *high);

/*
 * One-sided sign test: the probability that at least `hits` of n fair coins show heads (Conover,
 * 3.4). 1 for n = 0.
 */
double stats_sign_test(size_t hits, size_t n);

/*
 * The true share of hits behind `hits` of n independent tries: the interval of Clopper & Pearson,
 * Biometrika 26 (1934), which covers the true share with at least the confidence.
 */
void stats_share_interval(size_t hits, size_t n, double confidence, double *low, double *high);

/* The probability of at least `hits` hits in n independent tries, each with probability p. 1 for
 * hits = 0. */
double stats_chance(size_t hits, size_t n, double p);

/* The same quantile of values in any order; changes their order. (GSL: gsl_stats_select.) */
double stats_quantile_of(double *x, size_t n, double p);

/*
 * Hierarchical bootstrap: groups are drawn with replacement, then within each drawn group as many
 * values as it has (Davison & Hinkley, "Bootstrap Methods and their Application", 1997, 3.8; for
 * benchmarks: Kalibera & Jones, "Rigorous Benchmarking in Reasonable Time", ISMM 2013). The draws
 * are made once and used for any number of series with the same groups, which makes their medians
 * joint.
 */
struct stats_resamples {
	size_t n;	 /* values in a series, group by group */
	size_t count;	 /* of resamples */
	uint16_t *drawn; /* [resample][value]: how often it was drawn */
	size_t *draws;	 /* [resample]: in all */
};

/* size[g] is the number of values in group g, at least 1. The same seed gives the same draws
 * (mt19937). */
int stats_resamples_draw(struct stats_resamples *r, const size_t *size, size_t groups, size_t count,
			 uint64_t seed, struct err *err);
void stats_resamples_release(struct stats_resamples *r);

/* The median of every resample of x[r->n], in out[r->count]; their quantiles are a percentile
 * interval. */
int stats_resampled_medians(const struct stats_resamples *r, const double *x, double *out,
			    struct err *err);

#endif
