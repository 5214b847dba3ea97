/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two samples of counts: events per operation, in batches of known operations.
 *
 * What a program does by itself it does in every batch: such a count spreads far less than
 * independent events would, whose variance is their mean. So counts are called exact when the 95 %
 * upper limit of the variance within both sides is below a tenth of the mean (the index of
 * dispersion; Fisher, "Statistical Methods for Research Workers", 1925, § 16, with the limit of the
 * chi-squared distribution). Exact counts do not depend on the boot either (several boots are
 * batches like any others, and would show it), so that two boots are enough to compare them. All
 * others are compared by boots, as times are (twosample.h).
 *
 * The rate of a side is the sum of its counts over the sum of its operations, with the variance of
 * the ratio estimator (Cochran, "Sampling Techniques", 3rd ed., 6.4). Batches without any spread
 * do not prove that there is none: a reading can cut through what is under way, and a stray event
 * hits one batch in many. So no variance is taken below 1, one event a batch; one that is, is
 * known beforehand, as well as from RATES_PRIOR further batches (moderated t: Smyth, Statistical
 * Applications in Genetics and Molecular Biology 3 (2004), there with a prior from the data). The
 * sides are compared by Welch's t-test (Biometrika 34 (1947)), where one has a single batch, with
 * the variance of the other. Simulated, of pairs that do not differ no more than the level are told
 * apart, for strays of Poisson means from 0.2 to 20 and for bursts (tests/results/compare_exits.c).
 * A permutation test would need more batches than there are: of n on each side it finds nothing
 * below p = 2 / C(2n, n), 0.1 for 3.
 */
#ifndef NB_RATES_H
#define NB_RATES_H

#include <stdbool.h>
#include <stddef.h>

#include "results/stats/twosample.h"

enum { RATES_PRIOR = 3 };

struct rate_side {
	const double *count, *ops; /* of each batch; ops > 0 */
	size_t n;
	/* Standard error, in events a batch, of what was taken off all counts alike. */
	double offset_error;
};

/* Events per operation; NAN without batches. */
double rate_of(const struct rate_side *s);

/* Whether the counts of both sides together are exact; false where no side has two batches. */
bool rates_are_exact(const struct rate_side *a, const struct rate_side *b);

/* The rate of b minus that of a. The error is NAN where no side has two batches. */
struct two_sample rates_compare(const struct rate_side *a, const struct rate_side *b);

#endif
