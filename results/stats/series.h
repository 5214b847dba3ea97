/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is odd about a series: whether it warms up, slows down or never settles, and whether it has
 * two modes. Nothing is left out because of it; it is flagged.
 */
#ifndef NB_SERIES_H
#define NB_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * As Barrett et al. classify, "Virtual Machine Warmup Blows Hot and Cold", OOPSLA 2017: by the
 * segments between change points. Change points are found by E-divisive
 * (results/stats/changepoint.h), which assumes no distribution; they need SERIES_ROUNDS values.
 */
enum trend {
	TREND_UNKNOWN,	 /* too few values to tell */
	TREND_STEADY,	 /* no change, or none that matters */
	TREND_WARM_UP,	 /* changes, and the last segment is the cheapest */
	TREND_SLOW_DOWN, /* changes, and the last segment is not the cheapest */
	TREND_UNSETTLED, /* still changes in the last quarter of the series: no steady state */
};

enum { SERIES_ROUNDS = 10, SERIES_POINTS = 120 };

/*
 * x: logs of costs in the order of time, one a round, of one boot. level is the probability of a
 * false trend. Longer series are reduced to at most SERIES_POINTS means of neighbours. Segments
 * whose medians are less than 2 % apart count as equal.
 */
int series_trend(const double *x, size_t n, double level, uint64_t seed, enum trend *trend,
		 struct err *err);

/*
 * The dip of n sorted values: the largest distance between their distribution function and the
 * unimodal one that is nearest to it (Hartigan & Hartigan, "The Dip Test of Unimodality", Annals of
 * Statistics 13 (1985); the algorithm is Hartigan, Applied Statistics AS 217). At least 1/(2n).
 * work holds 4 (n + 1) numbers.
 */
double series_dip(const double *sorted, size_t n, size_t *work);

/*
 * The dip that 1 % of samples of n uniform values exceeds; uniform is the unimodal distribution
 * with the largest dip in large samples. From a table of 20,000 to 200,000 simulated samples for
 * each n, √n times the dip interpolated between. n is at least 4; it need not be whole, see below.
 */
double series_dip_limit(double n);

/*
 * Whether n sorted logs of costs have two modes: their dip is beyond the limit, and the means of
 * the two parts into which they fall (least squares) are more than 2 % apart. Batches of one round
 * resemble each other, which makes clusters that are no modes, so the limit is that of n / (1 + (m
 * − 1) ρ) values: Kish's design effect for m batches a round that correlate by ρ (the share of the
 * variance between rounds). False alarms are below 1 % (tests/results/series.c). work as above.
 */
bool series_is_bimodal(const double *sorted, size_t n, double m, double rho, size_t *work);

#endif
