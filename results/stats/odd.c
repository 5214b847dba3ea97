/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/odd.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The values that are not taken away. */
struct kept {
	const struct odd_value *value;
	size_t *sorted; /* their indices, by y */
	size_t n;
	double center; /* close to all of them, so that sums of squares keep their digits */
	double sum, squares, variances;
};

struct judged {
	double usual, deviation, variance, excess, freedom;
};

static void sum_up(struct kept *k)
{
	k->sum = k->squares = k->variances = 0;
	for (size_t i = 0; i < k->n; i++) {
		const struct odd_value *v = &k->value[k->sorted[i]];
		double d = v->y - k->center;

		k->sum += d;
		k->squares += d * d;
		k->variances += v->variance;
	}
}

static void take_away(struct kept *k, size_t place)
{
	memmove(k->sorted + place, k->sorted + place + 1, (k->n - place - 1) * sizeof(*k->sorted));
	k->n--;
	sum_up(k);
}

/* The median without the value in that place; k->n: of all. */
static double median_without(const struct kept *k, size_t place)
{
	size_t n = k->n - (place < k->n), low = (n - 1) / 2, high = n / 2;

	return (k->value[k->sorted[low + (low >= place)]].y +
		k->value[k->sorted[high + (high >= place)]].y) /
	       2;
}

/* What the error of the median of n values adds, as a share of their variance: at most pi/2 times
 * that of the mean, and of two values the median is the mean. */
static double median_share(double n)
{
	return (n > 2 ? M_PI_2 : 1) / n;
}

/* Judges a value against the kept ones, without itself where it is one of them, in that place. */
static struct judged judge(const struct kept *k, const struct odd_value *v, size_t place)
{
	bool is_kept = place < k->n;
	double own = is_kept ? v->y - k->center : 0;
	double n = (double)(k->n - is_kept), sum = k->sum - own;
	double spread = (k->squares - own * own - sum * sum / n) / (n - 1);
	double others = (k->variances - (is_kept ? v->variance : 0)) / n;
	struct judged j = {.usual = median_without(k, place), .freedom = n - 1};

	spread = fmax(spread, ODD_SPREAD_LEAST * ODD_SPREAD_LEAST);
	j.deviation = v->y - j.usual;
	j.variance = spread * (1 + median_share(n));
	j.excess = fmax(0, v->variance - others);
	return j;
}

static double error_of(const struct judged *j)
{
	return sqrt(j->variance + j->excess);
}

static double p_of(const struct judged *j)
{
	return 2 * gsl_cdf_tdist_Q(fabs(j->deviation) / error_of(j), j->freedom);
}

/*
 * The place of the most extreme value. An excess only makes a value less extreme, so a search from
 * an end inwards is over where the value would not be the most extreme without one.
 */
static size_t find_extreme(const struct kept *k, double *p)
{
	double largest = -1;
	size_t found = 0;

	for (int end = 0; end < 2; end++)
		for (size_t i = 0; i < k->n; i++) {
			size_t place = end ? k->n - 1 - i : i;
			struct judged j = judge(k, &k->value[k->sorted[place]], place);
			double far = fabs(j.deviation);

			if (far / sqrt(j.variance) <= largest)
				break;
			if (far / error_of(&j) <= largest)
				continue;
			largest = far / error_of(&j);
			*p = p_of(&j);
			found = place;
		}
	return found;
}

/* Takes the most extreme values away, into gone, and returns how many of them, in this order, are
 * odd. */
static size_t find_sequence(struct kept *k, double level, size_t *gone)
{
	size_t most = k->n < 8 ? 1 : k->n / 4, odd = 0;

	for (size_t step = 0; step < most; step++) {
		double p = 1;
		size_t place = find_extreme(k, &p);

		gone[step] = k->sorted[place];
		take_away(k, place);
		if (p <= (step ? level / 2 : level))
			odd = step + 1;
	}
	return odd;
}

static void keep(struct kept *k, const size_t *sorted, size_t n, const struct odd_value *value)
{
	k->n = 0;
	for (size_t i = 0; i < n; i++)
		if (!value[sorted[i]].odd)
			k->sorted[k->n++] = sorted[i];
	k->center = median_without(k, k->n);
	sum_up(k);
}

static void conclude(const struct kept *k, struct odd_value *v, size_t place, double level)
{
	struct judged j;

	/* Of three, an odd one leaves two, of which neither has two others. */
	if (k->n - (place < k->n) < 2)
		return;
	j = judge(k, v, place);
	v->usual = j.usual;
	v->deviation = j.deviation;
	v->half = error_of(&j) * gsl_cdf_tdist_Qinv(level / 2, j.freedom);
	v->p = p_of(&j);
	v->odd = v->odd && v->p <= level;
}

/* work holds 3n indices; the first n are those of the values, sorted. */
static void find(struct odd_value *value, size_t n, double level, size_t *work)
{
	struct kept k = {.value = value, .sorted = work + n};
	size_t *gone = work + 2 * n, odd, place = 0;

	keep(&k, work, n, value);
	odd = find_sequence(&k, level, gone);
	for (size_t i = 0; i < odd; i++)
		value[gone[i]].odd = true;
	keep(&k, work, n, value);
	for (size_t i = 0; i < n; i++) {
		bool is_kept = place < k.n && k.sorted[place] == work[i];

		conclude(&k, &value[work[i]], is_kept ? place : k.n, level);
		place += is_kept;
	}
}

int odd_find(struct odd_value *value, size_t n, double level, struct err *err)
{
	size_t *work = calloc(3 * n + 1, sizeof(*work));
	double *y = calloc(n + 1, sizeof(*y));

	for (size_t i = 0; i < n && y; i++) {
		value[i].usual = value[i].deviation = value[i].half = NAN;
		value[i].p = 1;
		value[i].odd = false;
		y[i] = value[i].y;
	}
	if (work && y && n >= ODD_LEAST) {
		gsl_sort_index(work, y, 1, n);
		find(value, n, level, work);
	}
	free(y);
	if (!work || !y) {
		free(work);
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu values", n);
	}
	free(work);
	return 0;
}
