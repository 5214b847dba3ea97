/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/estimate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/json.h"

const struct estimate ESTIMATE_NONE = {NAN, NAN, NAN};

/*
 * 10,000 resamples, and fewer, but at least 1,000, for series that would take seconds: in either
 * case the error from resampling is small against the width of the interval.
 */
enum { RESAMPLES = 10000, RESAMPLES_MIN = 1000, DRAWS = 2000000 };

int series_add(struct series *s, uint32_t boot, double value, struct err *err)
{
	double *values = array_grow(s->value, s->n, sizeof(*values));
	uint32_t *boots;

	if (!values)
		return err_set(err, EXIT_INTERNAL, "out of memory for a series of values");
	s->value = values;
	boots = array_grow(s->boot, s->n, sizeof(*boots));
	if (!boots)
		return err_set(err, EXIT_INTERNAL, "out of memory for a series of values");
	s->boot = boots;
	s->value[s->n] = value;
	s->boot[s->n++] = boot;
	return 0;
}

void series_clear(struct series *s)
{
	s->n = 0;
}

void series_release(struct series *s)
{
	free(s->value);
	free(s->boot);
	*s = (struct series){0};
}

size_t series_boots(const struct series *s)
{
	size_t boots = s->n > 0;

	for (size_t i = 1; i < s->n; i++)
		boots += s->boot[i] != s->boot[i - 1];
	return boots;
}

int series_boot_medians(const struct series *s, double **median, size_t *boots, struct err *err)
{
	double *work = calloc(2 * s->n + 1, sizeof(*work));

	*median = work;
	*boots = 0;
	if (!work)
		return err_set(err, EXIT_INTERNAL, "out of memory for a series of values");
	for (size_t i = 0, end; i < s->n; i = end) {
		for (end = i; end < s->n && s->boot[end] == s->boot[i];)
			end++;
		memcpy(work + s->n, s->value + i, (end - i) * sizeof(*work));
		work[(*boots)++] = stats_median_of(work + s->n, end - i);
	}
	return 0;
}

void estimator_release(struct estimator *est)
{
	stats_resamples_release(&est->resamples);
	free(est->size);
	free(est->medians);
	*est = (struct estimator){.seed = est->seed, .mids_only = est->mids_only};
}

/* Draws for series with these groups, unless that has been done. Takes size. */
static int prepare_draws(struct estimator *est, size_t *size, size_t boots, size_t n,
			 struct err *err)
{
	size_t count = DRAWS / n;

	if (est->boots == boots && memcmp(est->size, size, boots * sizeof(*size)) == 0) {
		free(size);
		return 0;
	}
	count = count > RESAMPLES ? RESAMPLES : count < RESAMPLES_MIN ? RESAMPLES_MIN : count;
	estimator_release(est);
	est->size = size;
	est->medians = calloc(count, sizeof(*est->medians));
	if (!est->medians)
		return err_set(err, EXIT_INTERNAL, "out of memory for the bootstrap");
	if (stats_resamples_draw(&est->resamples, size, boots, count, est->seed, err) < 0)
		return -1;
	est->boots = boots;
	return 0;
}

/* Fills est->medians with the medians of resamples. */
static int bootstrap(struct estimator *est, const struct series *s, struct err *err)
{
	size_t boots = series_boots(s), *size = calloc(boots, sizeof(*size));

	if (!size)
		return err_set(err, EXIT_INTERNAL, "out of memory for the bootstrap");
	for (size_t i = 0, g = 0; i < s->n; i++) {
		g += i && s->boot[i] != s->boot[i - 1];
		size[g]++;
	}
	if (prepare_draws(est, size, boots, s->n, err) < 0)
		return -1;
	return stats_resampled_medians(&est->resamples, s->value, est->medians, err);
}

int estimate_median(struct estimator *est, const struct series *s, struct estimate *e,
		    struct err *err)
{
	size_t low, high;
	double *sorted;

	*e = ESTIMATE_NONE;
	if (s->n == 0)
		return 0;
	sorted = malloc(s->n * sizeof(*sorted));
	if (!sorted)
		return err_set(err, EXIT_INTERNAL, "out of memory for a series of values");
	memcpy(sorted, s->value, s->n * sizeof(*sorted));
	stats_sort(sorted, s->n);
	e->mid = stats_median(sorted, s->n);
	if (!est->mids_only && series_boots(s) == 1 &&
	    stats_sign_interval(s->n, 0.95, &low, &high)) {
		e->low = sorted[low - 1];
		e->high = sorted[high - 1];
	}
	free(sorted);
	if (est->mids_only || series_boots(s) == 1)
		return 0;
	if (bootstrap(est, s, err) < 0)
		return -1;
	e->low = stats_quantile_of(est->medians, est->resamples.count, 0.025);
	e->high = stats_quantile_of(est->medians, est->resamples.count, 0.975);
	return 0;
}

struct estimate estimate_exp(struct estimate e)
{
	return (struct estimate){exp(e.mid), exp(e.low), exp(e.high)};
}

struct estimate estimate_inverse(struct estimate e)
{
	return (struct estimate){1 / e.mid, 1 / e.high, 1 / e.low};
}

json_t *estimate_json(const struct estimate *e)
{
	if (!isfinite(e->mid))
		return json_null();
	return json_pack("{s:f, s:o, s:o}", "mid", e->mid, "low", json_real_or_null(e->low), "high",
			 json_real_or_null(e->high));
}

static int sign_side(const struct series *s, double limit, double level)
{
	size_t below = 0, above = 0;

	for (size_t i = 0; i < s->n; i++) {
		below += s->value[i] < limit;
		above += s->value[i] > limit;
	}
	if (stats_sign_test(below, s->n) <= level)
		return -1;
	return stats_sign_test(above, s->n) <= level;
}

int estimate_side(struct estimator *est, const struct series *s, double limit, double level,
		  int *side, struct err *err)
{
	*side = 0;
	if (est->mids_only || s->n == 0)
		return 0;
	if (series_boots(s) == 1) {
		*side = sign_side(s, limit, level);
		return 0;
	}
	if (bootstrap(est, s, err) < 0)
		return -1;
	if (stats_quantile_of(est->medians, est->resamples.count, 1 - level) < limit)
		*side = -1;
	else if (stats_quantile_of(est->medians, est->resamples.count, level) > limit)
		*side = 1;
	return 0;
}

double summary_undetected(const struct estimate *ratio)
{
	/* A difference counts when the interval excludes 1 and the ratio is beyond the
	 * threshold. */
	static const double PRACTICAL = 0.01;

	if (isnan(ratio->mid) || isnan(ratio->low))
		return NAN;
	if ((ratio->low > 1 || ratio->high < 1) && fabs(ratio->mid - 1) > PRACTICAL)
		return NAN;
	return fmax(0, ratio->high - 1);
}
