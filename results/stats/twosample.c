/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/twosample.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "results/stats/stats.h"

/* Sum of squared deviations from the mean. */
static double squares(const double *x, size_t n)
{
	return n > 1 ? gsl_stats_tss(x, 1, n) : 0;
}

struct two_sample two_sample_compare(const double *a, size_t na, const double *b, size_t nb)
{
	struct two_sample t = {NAN, NAN, NAN};
	double va, vb;

	if (na == 0 || nb == 0)
		return t;
	t.difference = gsl_stats_mean(b, 1, nb) - gsl_stats_mean(a, 1, na);
	if (na == 1 && nb == 1)
		return t;
	if (na == 1 || nb == 1) {
		t.freedom = (double)(na + nb - 2);
		t.error = sqrt((squares(a, na) + squares(b, nb)) / t.freedom *
			       (1 / (double)na + 1 / (double)nb));
		return t;
	}
	va = squares(a, na) / (double)(na - 1) / (double)na;
	vb = squares(b, nb) / (double)(nb - 1) / (double)nb;
	t.error = sqrt(va + vb);
	t.freedom = (double)(na + nb - 2);
	if (va + vb > 0)
		t.freedom = (va + vb) * (va + vb) /
			    (va * va / (double)(na - 1) + vb * vb / (double)(nb - 1));
	return t;
}

double two_sample_half_width(const struct two_sample *t, double confidence)
{
	if (isnan(t->error))
		return NAN;
	return t->error * gsl_cdf_tdist_Pinv(0.5 + confidence / 2, t->freedom);
}

double two_sample_p(const struct two_sample *t)
{
	if (isnan(t->error))
		return 1;
	if (t->error == 0)
		return t->difference == 0 ? 1 : 0;
	return 2 * gsl_cdf_tdist_Q(fabs(t->difference) / t->error, t->freedom);
}

size_t block_medians(const double *x, size_t n, double *out)
{
	size_t blocks = (size_t)sqrt((double)n);

	if (n < 6)
		return 0;
	if (blocks < 3)
		blocks = 3;
	/* Sorts within out: block k ends after the slot of its median. */
	memcpy(out, x, n * sizeof(*x));
	for (size_t k = 0, from = 0; k < blocks; k++) {
		size_t to = (k + 1) * n / blocks;

		out[k] = stats_median_of(out + from, to - from);
		from = to;
	}
	return blocks;
}

void holm_correct(double *p, size_t n, size_t *work)
{
	double largest = 0;

	if (n == 0)
		return;
	gsl_sort_index(work, p, 1, n);
	for (size_t i = 0; i < n; i++) {
		double corrected = fmin(1, p[work[i]] * (double)(n - i));

		largest = fmax(largest, corrected);
		p[work[i]] = largest;
	}
}
