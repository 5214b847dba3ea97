/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the summary: one value per (boot, round) becomes an estimate with its interval, and
 * tests on the same values.
 */
#ifndef NB_ESTIMATE_H
#define NB_ESTIMATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/stats/stats.h"
#include "results/summary/summary.h"

extern const struct estimate ESTIMATE_NONE;

/* A growing series of values, boot by boot. */
struct series {
	double *value;
	uint32_t *boot; /* ascending */
	size_t n;
};

int series_add(struct series *s, uint32_t boot, double value, struct err *err);
void series_clear(struct series *s);
void series_release(struct series *s);

/* The number of different boots. */
size_t series_boots(const struct series *s);

/* The median of each boot, which the caller frees. */
int series_boot_medians(const struct series *s, double **median, size_t *boots, struct err *err);

/*
 * Makes estimates. Keeps the bootstrap's draws, which most series of a run share, since they were
 * measured in the same rounds of the same boots.
 */
struct estimator {
	uint64_t seed;
	bool mids_only; /* no intervals, and no sides */
	struct stats_resamples resamples;
	size_t *size; /* rounds of each boot, for which the draws were made */
	size_t boots;
	double *medians;
};

void estimator_release(struct estimator *est);

/* The median with its 95 % interval, as in summary.h. NANs without values. */
int estimate_median(struct estimator *est, const struct series *s, struct estimate *e,
		    struct err *err);

/* exp() of all three, and 1/x, which swaps low and high. */
struct estimate estimate_exp(struct estimate e);
struct estimate estimate_inverse(struct estimate e);

/* As {"mid", "low", "high"}, these two null without an interval; null: there is none. NULL without
 * memory. */
json_t *estimate_json(const struct estimate *e);

/* The words of an entry's flags, without its numbers of rows. NULL without memory. */
json_t *summary_flags_json(const struct summary_entry *e);

/*
 * The side of a limit on which the median is, at a one-sided level (the probability of error): -1
 * below, 1 above, 0 not resolved. One boot: sign test. Several: the quantile of the bootstrap.
 */
int estimate_side(struct estimator *est, const struct series *s, double limit, double level,
		  int *side, struct err *err);

#endif
