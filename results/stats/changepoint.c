/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/changepoint.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/stats/stats.h"

enum { PERMUTATIONS = 999 };

struct search {
	const double *x;
	double level;
	gsl_rng *rng;
	double *piece, *sum; /* a copy of a piece; (n + 1)² sums of distances */
	struct change_point *found;
	size_t count;
};

/* sum[i][j]: of |x_a - x_b| over a < i and b < j. */
static void fill_sums(double *sum, const double *x, size_t n)
{
	size_t wide = n + 1;

	memset(sum, 0, wide * sizeof(*sum));
	for (size_t i = 1; i <= n; i++) {
		double row = 0;

		sum[i * wide] = 0;
		for (size_t j = 1; j <= n; j++) {
			row += fabs(x[i - 1] - x[j - 1]);
			sum[i * wide + j] = sum[(i - 1) * wide + j] + row;
		}
	}
}

/* Sum of distances from the values of [a, b) to those of [c, d). */
static double between(const double *sum, size_t wide, size_t a, size_t b, size_t c, size_t d)
{
	return sum[b * wide + d] - sum[a * wide + d] - sum[b * wide + c] + sum[a * wide + c];
}

/*
 * The largest scaled energy distance nm/(n+m) E between [0, k) and [k, end), over all k and ends;
 * *at is that k.
 */
static double best_split(const double *sum, size_t n, size_t *at)
{
	size_t wide = n + 1;
	double best = -INFINITY;

	for (size_t k = CHANGE_POINT_PIECE; k + CHANGE_POINT_PIECE <= n; k++)
		for (size_t end = k + CHANGE_POINT_PIECE; end <= n; end++) {
			double a = (double)k, b = (double)(end - k);
			double energy = 2 / (a * b) * between(sum, wide, 0, k, k, end) -
					between(sum, wide, 0, k, 0, k) / (a * (a - 1)) -
					between(sum, wide, k, end, k, end) / (b * (b - 1));
			double q = a * b / (a + b) * energy;

			if (q > best) {
				best = q;
				*at = k;
			}
		}
	return best;
}

/*
 * The share of random orders that divide as well. Ends as soon as the share must exceed the level.
 */
static double permutation_test(struct search *s, size_t n, double observed)
{
	size_t better = 0, tried = 0, at;

	while (tried < PERMUTATIONS) {
		gsl_ran_shuffle(s->rng, s->piece, n, sizeof(*s->piece));
		fill_sums(s->sum, s->piece, n);
		/* An order with the same division adds up in another order, so compare with a
		 * tolerance. */
		better += best_split(s->sum, n, &at) >= observed * (1 - 1e-12);
		tried++;
		if ((double)(better + 1) > s->level * (PERMUTATIONS + 1))
			break;
	}
	return (double)(better + 1) / (double)(tried + 1);
}

/* Searches [from, to) and the pieces into which it is divided. The depth is bounded by the number
 * of pieces. */
static void search_piece(struct search *s, size_t from, size_t to)
{
	size_t n = to - from, at = 0;
	double observed, p;

	if (n < 2 * CHANGE_POINT_PIECE)
		return;
	memcpy(s->piece, s->x + from, n * sizeof(*s->piece));
	fill_sums(s->sum, s->piece, n);
	observed = best_split(s->sum, n, &at);
	if (!(observed > 0))
		return;
	p = permutation_test(s, n, observed);
	if (p > s->level)
		return;
	s->found[s->count++] = (struct change_point){.at = from + at, .p = p};
	search_piece(s, from, from + at);
	search_piece(s, from + at, to);
}

static int by_place(const void *left, const void *right)
{
	const struct change_point *a = left, *b = right;

	return (a->at > b->at) - (a->at < b->at);
}

static double median_of(struct search *s, size_t from, size_t to)
{
	memcpy(s->piece, s->x + from, (to - from) * sizeof(*s->piece));
	return stats_median_of(s->piece, to - from);
}

static void describe(struct search *s, size_t n, size_t skipped)
{
	qsort(s->found, s->count, sizeof(*s->found), by_place);
	for (size_t i = 0; i < s->count; i++) {
		size_t from = i ? s->found[i - 1].at : 0;
		size_t to = i + 1 < s->count ? s->found[i + 1].at : n;

		s->found[i].before = median_of(s, from, s->found[i].at);
		s->found[i].after = median_of(s, s->found[i].at, to);
	}
	for (size_t i = 0; i < s->count; i++)
		s->found[i].at += skipped;
}

int change_points(const double *x, size_t n, double level, uint64_t seed, struct change_point **out,
		  size_t *count, struct err *err)
{
	size_t skipped = n > CHANGE_POINT_VALUES ? n - CHANGE_POINT_VALUES : 0;
	struct search s = {.x = x + skipped, .level = level};
	int rc = -1;

	*out = NULL;
	*count = 0;
	n -= skipped;
	if (n < 2 * CHANGE_POINT_PIECE)
		return 0;
	s.rng = gsl_rng_alloc(gsl_rng_mt19937);
	s.piece = calloc(n, sizeof(*s.piece));
	s.sum = calloc((n + 1) * (n + 1), sizeof(*s.sum));
	s.found = calloc(n, sizeof(*s.found));
	if (!s.rng || !s.piece || !s.sum || !s.found) {
		err_set(err, EXIT_INTERNAL, "out of memory for the search of change points");
		goto cleanup;
	}
	gsl_rng_set(s.rng, (unsigned long)seed);
	search_piece(&s, 0, n);
	describe(&s, n, skipped);
	*count = s.count;
	if (s.count) {
		*out = s.found;
		s.found = NULL;
	}
	rc = 0;
cleanup:
	if (s.rng)
		gsl_rng_free(s.rng);
	free(s.piece);
	free(s.sum);
	free(s.found);
	return rc;
}
