/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "results/exits/exit_parts.h"
#include "results/summary/estimate.h"

#define TAIL 0.025 /* of a two-sided interval of 95 % */
/* Upper limit of the mean of a Poisson process of which nothing was seen: -ln(TAIL). */
#define UNSEEN 3.6889
/* Counts are whole numbers, and the edge of an interval is within one. */
#define ROUNDING 0.5

enum { ELASTICITY_MIN = 4, LINE_MIN = 4, LEVEL_MIN = 3, EVENTS_MANY = 10000 };

static double sum(const double *x, size_t n)
{
	double total = 0;

	for (size_t i = 0; i < n; i++)
		total += x[i];
	return total;
}

enum level { BATCHES, ROUNDS, BOOTS, LEVELS };

static bool is_same_unit(enum level level, const struct exit_batch *a, const struct exit_batch *b)
{
	if (level == BATCHES)
		return false;
	return a->boot == b->boot && (level == BOOTS || a->round == b->round);
}

/* Half the width by the units of one level: 0 where there are too few of them. */
static double half_of_level(const struct exit_ratio *r, enum level level, double ratio,
			    double below)
{
	double square = 0, unit = 0;
	size_t units = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (i == 0 || !is_same_unit(level, &r->batch[i - 1], &r->batch[i])) {
			square += unit * unit;
			unit = 0;
			units++;
		}
		unit += r->above[i] - ratio * r->below[i];
	}
	square += unit * unit;
	if (units < (level == BATCHES ? 2 : LEVEL_MIN))
		return 0;
	return gsl_cdf_tdist_Qinv(TAIL, (double)(units - 1)) *
	       sqrt(square * (double)units / (double)(units - 1)) / below;
}

/* The mean of a Poisson process of which so many events were seen (Garwood); of many, normal. */
static struct estimate poisson(double events)
{
	struct estimate e = {.mid = events};
	double half = -gsl_cdf_ugaussian_Pinv(TAIL) * sqrt(events);

	if (events > EVENTS_MANY) {
		e.low = events - half;
		e.high = events + half;
		return e;
	}
	e.low = events > 0 ? gsl_cdf_gamma_Pinv(TAIL, events, 1) : 0;
	e.high = gsl_cdf_gamma_Qinv(TAIL, events + 1, 1);
	return e;
}

struct estimate exit_ratio_estimate(const struct exit_ratio *r)
{
	struct estimate e = ESTIMATE_NONE, one;
	double below = sum(r->below, r->n), half;

	if (r->n == 0 || !(below > 0))
		return e;
	e.mid = sum(r->above, r->n) / below;
	if (r->n == 1) {
		one = poisson(r->events);
		e.low = e.mid - (one.mid - one.low) / below;
		e.high = e.mid + (one.high - one.mid) / below;
		return e;
	}
	half = UNSEEN / below;
	for (int level = BATCHES; level < LEVELS; level++)
		half = fmax(half, half_of_level(r, (enum level)level, e.mid, below));
	e.low = e.mid - half;
	e.high = e.mid + half;
	return e;
}

void exit_widen(struct estimate *e, double half)
{
	e->low = e->mid - hypot(e->mid - e->low, half);
	e->high = e->mid + hypot(e->high - e->mid, half);
}

struct estimate exit_elasticity(const struct exit_ratio *r, const double *time, double slope_half)
{
	double n = (double)r->n, xx = 0, xy = 0, yy = 0, x = 0, y = 0, below, slope, left, half;
	struct estimate e = ESTIMATE_NONE;

	if (r->n < ELASTICITY_MIN)
		return e;
	below = sum(r->below, r->n);
	for (size_t i = 0; i < r->n; i++) {
		x += time[i] / r->below[i] / n;
		y += r->above[i] / r->below[i] / n;
	}
	for (size_t i = 0; i < r->n; i++) {
		double dx = time[i] / r->below[i] - x, dy = r->above[i] / r->below[i] - y;

		xx += dx * dx;
		xy += dx * dy;
		yy += dy * dy;
	}
	if (!(xx > 0) || !(y > 0))
		return e;
	slope = xy / xx;
	left = fmax((yy - slope * xy) / (n - 2), pow(ROUNDING * n / below, 2));
	half = hypot(gsl_cdf_tdist_Qinv(TAIL, n - 2) * sqrt(left / xx), slope_half);
	e.mid = slope * x / y;
	e.low = e.mid - half * x / y;
	e.high = e.mid + half * x / y;
	return e;
}

void exit_background_fit(struct exit_background *b, const double *seconds, const double *count,
			 size_t n)
{
	double xy = 0, yy = 0, y = sum(count, n) / (double)n, left;

	*b = (struct exit_background){.n = (double)n, .mean_s = sum(seconds, n) / (double)n};
	for (size_t i = 0; i < n; i++) {
		double dx = seconds[i] - b->mean_s, dy = count[i] - y;

		b->squares_s += dx * dx;
		xy += dx * dy;
		yy += dy * dy;
	}
	if (n >= LINE_MIN && xy > 0)
		b->per_second = fmin(xy / b->squares_s, y / b->mean_s);
	b->each = y - b->per_second * b->mean_s;
	if (n < LINE_MIN) {
		b->squares_s = 0;
		return;
	}
	left = yy - 2 * b->per_second * xy + b->per_second * b->per_second * b->squares_s;
	b->spread = gsl_cdf_tdist_Qinv(TAIL, (double)n - 2) * sqrt(left / ((double)n - 2));
}

double exit_background_slope_half(const struct exit_background *b)
{
	return b->squares_s > 0 ? b->spread / sqrt(b->squares_s) : 0;
}

double exit_background_half(const struct exit_background *b, double seconds)
{
	double line = exit_background_slope_half(b) * (seconds - b->mean_s);
	double few = poisson(b->n * (b->each + b->per_second * b->mean_s)).high;

	if (b->n == 0)
		return 0;
	if (b->n < LINE_MIN)
		return few / b->n - b->each;
	return fmax(UNSEEN / b->n, hypot(b->spread / sqrt(b->n), line));
}
