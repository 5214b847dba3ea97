/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The standard error of a quantile from the values alone: J. S. Maritz & R. G. Jarrett, JASA 73
 * (1978), which is what a bootstrap with endless resamples would find. The weights of the order
 * statistics depend on the number of values only, and are kept for the next series of as many.
 */
#ifndef NB_QUANTILE_ERROR_H
#define NB_QUANTILE_ERROR_H

#include <stddef.h>

#include "lib/err.h"

/* Zeroed, but for p, to begin with. */
struct quantile_weights {
	double p;
	size_t n;
	double *weight;
};

/* The variance of the p-quantile of n sorted values. */
int quantile_variance(struct quantile_weights *w, const double *sorted, size_t n, double *variance,
		      struct err *err);

void quantile_weights_release(struct quantile_weights *w);

#endif
