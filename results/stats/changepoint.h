/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where a series changes its level or its spread.
 *
 * E-divisive (Matteson & James, "A Nonparametric Approach for Multiple Change Point Analysis of
 * Multivariate Data", JASA 109 (2014); for performance tests: Daly et al., ICPE 2020): the place
 * that divides the series into two pieces whose distributions are farthest apart, by the energy
 * distance, is a change point when fewer than the given share of random orders of the same values
 * have a place as good. Then each piece is searched in the same way, until none is left.
 */
#ifndef NB_CHANGEPOINT_H
#define NB_CHANGEPOINT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct change_point {
	size_t at; /* the first value of the new level */
	double before,
		after; /* medians of the pieces on both sides, up to the next change points */
	double p;      /* of the permutation test */
};

enum { CHANGE_POINT_PIECE = 3, CHANGE_POINT_VALUES = 300 };

/*
 * Finds change points of n values in the order of time; pieces have at least CHANGE_POINT_PIECE
 * values. Of longer series only the last CHANGE_POINT_VALUES values are searched. *out is an array
 * in ascending order, which the caller frees; NULL when there is none.
 */
int change_points(const double *x, size_t n, double level, uint64_t seed, struct change_point **out,
		  size_t *count, struct err *err);

#endif
