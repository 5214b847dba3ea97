/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/rates.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define EXACT 0.1      /* of the mean: the most that an exact count's variance is */
#define LEVEL 0.05     /* against taking others for exact */
#define VARIANCE_MIN 1 /* one event a batch */

static double sum(const double *x, size_t n)
{
	double total = 0;

	for (size_t i = 0; i < n; i++)
		total += x[i];
	return total;
}

double rate_of(const struct rate_side *s)
{
	return s->n ? sum(s->count, s->n) / sum(s->ops, s->n) : NAN;
}

/* Sum of squared deviations of the counts from those that the rate lets expect. */
static double squares(const struct rate_side *s)
{
	double rate = rate_of(s), total = 0;

	for (size_t i = 0; i < s->n; i++)
		total += pow(s->count[i] - rate * s->ops[i], 2);
	return total;
}

static double freedom(const struct rate_side *s)
{
	return s->n ? (double)(s->n - 1) : 0;
}

bool rates_are_exact(const struct rate_side *a, const struct rate_side *b)
{
	double f = freedom(a) + freedom(b), mean = 0, most;

	if (f < 1)
		return false;
	most = (squares(a) + squares(b)) / gsl_cdf_chisq_Pinv(LEVEL, f);
	if (a->n)
		mean = fabs(sum(a->count, a->n)) / (double)a->n;
	if (b->n)
		mean = fmax(mean, fabs(sum(b->count, b->n)) / (double)b->n);
	return fmax(most, VARIANCE_MIN) < EXACT * mean;
}

/* The variance of a rate that comes from batches of this variance, and from what was taken off. */
static double of_batches(const struct rate_side *s, double variance)
{
	return (double)s->n * fmax(variance, VARIANCE_MIN) / pow(sum(s->ops, s->n), 2);
}

/* Of a side whose batches have this variance. */
static double freedom_at(const struct rate_side *s, double variance)
{
	return freedom(s) + (variance <= VARIANCE_MIN ? RATES_PRIOR : 0);
}

static double of_offset(const struct rate_side *s)
{
	return pow((double)s->n * s->offset_error / sum(s->ops, s->n), 2);
}

struct two_sample rates_compare(const struct rate_side *a, const struct rate_side *b)
{
	double fa = freedom(a), fb = freedom(b), sa, sb, va, vb;
	struct two_sample t = {rate_of(b) - rate_of(a), NAN, NAN};

	if (!a->n || !b->n || fa + fb < 1)
		return t;
	sa = sb = (squares(a) + squares(b)) / (fa + fb);
	if (fa > 0 && fb > 0) {
		sa = squares(a) / fa;
		sb = squares(b) / fb;
	}
	va = of_batches(a, sa);
	vb = of_batches(b, sb);
	fa = freedom_at(a, sa);
	fb = freedom_at(b, sb);
	if (a->n > 1 && b->n > 1)
		t.freedom = pow(va + vb, 2) / (va * va / fa + vb * vb / fb);
	else
		t.freedom = a->n > 1 ? fa : fb;
	t.error = sqrt(va + vb + of_offset(a) + of_offset(b));
	return t;
}
