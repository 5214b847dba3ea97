/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/budget/replication.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <string.h>

/* Larger numbers of rounds are tried in steps of 2 %. */
enum { TRY_ALL = 50 };

/* ---- components of variance ---- */

/* Sum of squares about the mean, and the mean. */
static double squares(const struct variance_cell *cell, size_t n, double *mean)
{
	double sum = 0;

	*mean = 0;
	for (size_t i = 0; i < n; i++)
		*mean += cell[i].value / (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (cell[i].value - *mean) * (cell[i].value - *mean);
	return sum;
}

void variance_of_cells(const struct variance_cell *cell, size_t n, double batch_s2,
		       struct variance *v)
{
	double within = 0, of_batches = 0, inverse = 0, sum = 0, sum2 = 0, s2 = 0, s3;

	*v = (struct variance){.batch = batch_s2, .rounds = n};
	for (size_t i = 0, end; i < n; i = end) {
		double mean;

		for (end = i; end < n && cell[end].boot == cell[i].boot; end++)
			of_batches += cell[end].batch_var / (double)n;
		within += squares(cell + i, end - i, &mean);
		inverse += 1 / (double)(end - i);
		/* About the first value, so that large means do not swallow small differences. */
		mean -= cell[0].value;
		sum += mean;
		sum2 += mean * mean;
		v->boots++;
	}
	if (n > v->boots) {
		s2 = within / (double)(n - v->boots);
		v->round = fmax(0, s2 - of_batches);
	}
	v->boot_known = v->boots > 1;
	if (!v->boot_known)
		return;
	s3 = (sum2 - sum * sum / (double)v->boots) / (double)(v->boots - 1);
	v->boot = fmax(0, s3 - s2 * inverse / (double)v->boots);
}

/* ---- time and width ---- */

double replication_time(const struct replication_cost *cost, const struct replication_size *size,
			const struct replication_done *done)
{
	double round = cost->round + size->batches * cost->batch;
	double boot = cost->boot + size->rounds * round, time = 0;

	if (size->boots > done->boots)
		time = (size->boots - done->boots) * boot;
	if (done->boots == 0)
		time += cost->once;
	else if (size->rounds > done->rounds)
		time += (size->rounds - done->rounds) * round;
	return time;
}

/* Variance of the median of n normal values over that of their mean. */
static double median_price(double n)
{
	return 1 + (M_PI / 2 - 1) * (1 - 1 / n);
}

static double quantile(const struct replication_size *size)
{
	if (size->boots == 1 && size->rounds < 6)
		return INFINITY;
	return gsl_cdf_tdist_Pinv(0.975,
				  (size->boots > 1 ? size->boots : (double)size->rounds) - 1);
}

static double half_width(const struct variance *v, const struct replication_size *size, double t)
{
	double b = size->boots, br = b * size->rounds, m = size->batches;
	double cell = v->round + median_price(m) * v->batch / m;
	double var = median_price(br) * cell / br;

	if (size->boots > 1)
		var += median_price(b) * v->boot / b;
	return t * sqrt(var);
}

double replication_half_width(const struct variance *v, const struct replication_size *size)
{
	double t = quantile(size);

	return isinf(t) ? t : half_width(v, size, t);
}

static uint32_t optimal_count(double cost_ratio, double below, double above)
{
	double r = ceil(sqrt(cost_ratio * below / above));

	/* 0/0: neither adds variance, so one is enough. */
	if (isnan(r) || r < 1)
		return 1;
	return r < UINT32_MAX ? (uint32_t)r : UINT32_MAX;
}

void replication_optimum(const struct variance *v, const struct replication_cost *cost,
			 uint32_t *batches, uint32_t *rounds)
{
	*batches = optimal_count(cost->round / cost->batch, v->batch, v->round);
	/* One more round includes its batches, in cost and in variance. */
	*rounds = optimal_count(cost->boot / (cost->round + *batches * cost->batch),
				v->round + v->batch / *batches, v->boot);
}

/* ---- the best size ---- */

static uint32_t next_count(uint32_t n)
{
	return n < TRY_ALL ? n + 1 : n + n / TRY_ALL;
}

static uint32_t clamp(double x, uint32_t min, uint32_t max)
{
	return x <= min ? min : x >= max ? max : (uint32_t)x;
}

/* The number of boots that fit the time; 0: it is too short. */
static uint32_t boots_for(const struct replication_cost *cost, double seconds,
			  const struct replication_bounds *bounds,
			  const struct replication_done *done, struct replication_size size)
{
	double base, boot, allowance = 1e-9 * seconds;

	size.boots = done->boots > bounds->min.boots ? done->boots : bounds->min.boots;
	if (size.boots == 0)
		size.boots = 1;
	base = replication_time(cost, &size, done);
	if (base > seconds + allowance)
		return 0;
	boot = cost->boot + size.rounds * (cost->round + size.batches * cost->batch);
	return clamp(size.boots + (seconds + allowance - base) / boot, size.boots,
		     bounds->max.boots);
}

/* The mean of the logarithms of the half-widths. */
static double badness(const struct replication *r, const struct replication_size *size)
{
	double t = quantile(size), sum = 0;

	if (isinf(t))
		return INFINITY;
	for (size_t i = 0; i < r->items; i++)
		/* A series that never varied has no width; a ten-thousandth stands for it. */
		sum += log(fmax(1e-4, half_width(&r->item[i].variance, size, t)));
	return sum / (double)r->items;
}

bool replication_best(const struct replication *r, const struct replication_cost *cost,
		      double seconds, const struct replication_bounds *bounds,
		      const struct replication_done *done, struct replication_size *best)
{
	double least = INFINITY;

	for (uint32_t m = bounds->min.batches; m <= bounds->max.batches; m++)
		for (uint32_t n = bounds->min.rounds; n <= bounds->max.rounds; n = next_count(n)) {
			struct replication_size size = {.rounds = n, .batches = m};
			double bad;

			size.boots = boots_for(cost, seconds, bounds, done, size);
			if (size.boots == 0)
				break; /* nor for more rounds */
			bad = badness(r, &size);
			if (bad < least) {
				least = bad;
				*best = size;
			}
		}
	return !isinf(least);
}

static bool narrow(const struct replication *r, const struct replication_size *size,
		   double half_width_max)
{
	double t = quantile(size);

	if (isinf(t))
		return false;
	for (size_t i = 0; i < r->items; i++)
		if (!(half_width(&r->item[i].variance, size, t) <= half_width_max))
			return false;
	return true;
}

/* The fewest boots that are narrow enough, by bisection; 0: not even the most are. */
static uint32_t boots_for_width(const struct replication *r, double half_width_max, uint32_t min,
				uint32_t max, struct replication_size size)
{
	uint32_t low = min, high = max;

	size.boots = max;
	if (!narrow(r, &size, half_width_max))
		return 0;
	/* One boot is a case of its own: its interval is about that boot only. */
	if (low == 1) {
		size.boots = 1;
		if (max == 1 || narrow(r, &size, half_width_max))
			return 1;
		low = 2;
	}
	while (low < high) {
		size.boots = low + (high - low) / 2;
		if (narrow(r, &size, half_width_max))
			high = size.boots;
		else
			low = size.boots + 1;
	}
	return low;
}

bool replication_for_width(const struct replication *r, const struct replication_cost *cost,
			   double half_width_max, const struct replication_bounds *bounds,
			   const struct replication_done *done, struct replication_size *best)
{
	uint32_t min = done->boots > bounds->min.boots ? done->boots : bounds->min.boots;
	double least = INFINITY;

	for (uint32_t m = bounds->min.batches; m <= bounds->max.batches; m++)
		for (uint32_t n = bounds->min.rounds; n <= bounds->max.rounds; n = next_count(n)) {
			struct replication_size size = {.rounds = n, .batches = m};
			double time;

			size.boots = boots_for_width(r, half_width_max, min ? min : 1,
						     bounds->max.boots, size);
			if (size.boots == 0)
				continue;
			time = replication_time(cost, &size, done);
			if (time < least) {
				least = time;
				*best = size;
			}
		}
	return !isinf(least);
}
