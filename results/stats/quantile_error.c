/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/quantile_error.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static int prepare(struct quantile_weights *w, size_t n, struct err *err)
{
	double a = ((double)n + 1) * w->p, b = ((double)n + 1) * (1 - w->p), before = 0;
	double *weight;

	if (w->weight && w->n == n)
		return 0;
	weight = calloc(n + 1, sizeof(*weight));
	if (!weight)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu values", n);
	for (size_t i = 0; i < n; i++) {
		double up_to = gsl_cdf_beta_P((double)(i + 1) / (double)n, a, b);

		weight[i] = up_to - before;
		before = up_to;
	}
	free(w->weight);
	w->weight = weight;
	w->n = n;
	return 0;
}

int quantile_variance(struct quantile_weights *w, const double *sorted, size_t n, double *variance,
		      struct err *err)
{
	double mean = 0, squares = 0;

	if (prepare(w, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		mean += w->weight[i] * sorted[i];
	for (size_t i = 0; i < n; i++)
		squares += w->weight[i] * (sorted[i] - mean) * (sorted[i] - mean);
	*variance = squares;
	return 0;
}

void quantile_weights_release(struct quantile_weights *w)
{
	free(w->weight);
	w->weight = NULL;
	w->n = 0;
}
