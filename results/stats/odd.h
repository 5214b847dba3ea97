/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of several values do not belong with the others, when those differ among themselves.
 *
 * A value is judged against the median of the others. What is usual is the spread of the others,
 * which holds their own errors; where the value's own error is larger than theirs, the excess is
 * added. So T = (y - median) / sqrt(S^2 (1 + c) + excess) has about a t-distribution of n - 2
 * degrees of freedom (an externally studentized residual; c is what the error of the median adds).
 * Several odd values would hide each other: the most extreme is taken away, one after the other, up
 * to a quarter of all, and the longest such sequence whose last value is still significant is odd
 * (the generalized extreme studentized deviate procedure: B. Rosner, Technometrics 25 (1983)); each
 * value but the first has to pass half of the level, which keeps that of the whole (tests/results).
 *
 * The caller corrects for how much it looks at: `level` is the error of each single value,
 * two-sided (Bonferroni).
 */
#ifndef NB_ODD_H
#define NB_ODD_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

enum { ODD_LEAST = 3 }; /* values: fewer say nothing of what is usual */

/* The spread of logarithms is taken for at least this: figures that agree to the last digit do not
 * prove that no node may differ. */
#define ODD_SPREAD_LEAST 0.001

struct odd_value {
	double y;
	double variance; /* of y itself; 0 where it is not known */
	/* Found: */
	double usual;	  /* the median of the others that are not odd; NAN: too few */
	double deviation; /* y - usual */
	double half;	  /* of its interval at the level; NAN */
	double p;	  /* two-sided, of this value alone; 1 where it cannot be known */
	bool odd;
};

/* Fills in what is found of n values. */
int odd_find(struct odd_value *value, size_t n, double level, struct err *err);

#endif
