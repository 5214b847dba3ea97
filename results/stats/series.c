/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/stats/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/stats/changepoint.h"

/* Smaller differences of levels or modes are of no practical interest (logs). */
static const double PRACTICAL = 0.02;

/* ---- trend ---- */

/* Moves the change points that matter to the front. */
static size_t keep_real(struct change_point *point, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (fabs(point[i].after - point[i].before) >= PRACTICAL)
			point[kept++] = point[i];
	return kept;
}

static enum trend classify(const struct change_point *point, size_t count, size_t n)
{
	double last = point[count - 1].after;

	if (point[count - 1].at > n - n / 4)
		return TREND_UNSETTLED;
	for (size_t i = 0; i < count; i++)
		if (point[i].before < last - PRACTICAL)
			return TREND_SLOW_DOWN;
	return TREND_WARM_UP;
}

int series_trend(const double *x, size_t n, double level, uint64_t seed, enum trend *trend,
		 struct err *err)
{
	size_t count, each = (n + SERIES_POINTS - 1) / SERIES_POINTS, points = 0;
	double mean[SERIES_POINTS];
	struct change_point *point;

	*trend = TREND_UNKNOWN;
	if (n < SERIES_ROUNDS)
		return 0;
	/* The last few may not make a whole group, and are left out. */
	for (size_t i = 0; i + each <= n; i += each, points++) {
		mean[points] = 0;
		for (size_t k = i; k < i + each; k++)
			mean[points] += x[k] / (double)each;
	}
	if (change_points(mean, points, level, seed, &point, &count, err) < 0)
		return -1;
	count = keep_real(point, count);
	*trend = count ? classify(point, count, points) : TREND_STEADY;
	free(point);
	return 0;
}

/* ---- the dip ---- */

/*
 * Values and their counts as points (x[i], i). The greatest convex minorant and the least concave
 * majorant are chains of indices: minorant[j] is the vertex before j of the minorant of the points
 * up to j, majorant[j] the vertex behind j of the majorant of the points from j on.
 */
struct dip {
	const double *x;
	size_t n;
	size_t *minorant, *majorant;
	size_t *gcm, *lcm; /* vertices between low and high: gcm downwards, lcm upwards */
	size_t gcms, lcms;
};

/* Whether the slope from a to b is less than (`up`) or greater than that from b to c;
 * cross-multiplied, so that nothing is divided by 0. */
static bool bends(const double *x, size_t a, size_t b, size_t c, bool up)
{
	double first = (x[c] - x[b]) * (double)(b - a), second = (x[b] - x[a]) * (double)(c - b);

	return up ? first < second : second < first;
}

static void make_chains(struct dip *d)
{
	size_t last = d->n - 1;

	d->minorant[0] = 0;
	for (size_t j = 1; j < d->n; j++) {
		size_t k = j - 1;

		while (k != 0 && !bends(d->x, d->minorant[k], k, j, true))
			k = d->minorant[k];
		d->minorant[j] = k;
	}
	d->majorant[last] = last;
	for (size_t j = last; j-- > 0;) {
		size_t k = j + 1;

		while (k != last && !bends(d->x, j, k, d->majorant[k], false))
			k = d->majorant[k];
		d->majorant[j] = k;
	}
}

static void take_vertices(struct dip *d, size_t low, size_t high)
{
	d->gcms = d->lcms = 0;
	for (d->gcm[d->gcms++] = high; d->gcm[d->gcms - 1] > low; d->gcms++)
		d->gcm[d->gcms] = d->minorant[d->gcm[d->gcms - 1]];
	for (d->lcm[d->lcms++] = low; d->lcm[d->lcms - 1] < high; d->lcms++)
		d->lcm[d->lcms] = d->majorant[d->lcm[d->lcms - 1]];
}

/* The distance of i above the line from a to b, in counts. */
static double above_line(const double *x, size_t i, size_t a, size_t b)
{
	return (double)(i - a) - (x[i] - x[a]) * (double)(b - a) / (x[b] - x[a]);
}

/*
 * The largest distance between the two chains, at their vertices from the right end of the minorant
 * and the left end of the majorant inwards; *g and *l are the positions of the vertices that bound
 * it.
 */
static double chains_apart(const struct dip *d, size_t *g, size_t *l)
{
	size_t ig = d->gcms - 2, il = 1; /* the next vertices, upwards */
	double most = 0;

	*g = d->gcms - 1;
	*l = d->lcms - 1;
	if (d->gcms == 2 && d->lcms == 2)
		return 1;
	for (;;) {
		size_t low = d->gcm[ig], high = d->lcm[il];
		double apart;

		if (low > high) {
			/* A vertex of the majorant over an edge of the minorant. */
			apart = above_line(d->x, high, d->gcm[ig + 1], low) + 1;
			il++;
			if (apart >= most) {
				most = apart;
				*g = ig + 1;
				*l = il - 1;
			}
		} else {
			apart = 1 - above_line(d->x, low, d->lcm[il - 1], high);
			if (apart >= most) {
				most = apart;
				*g = ig;
				*l = il;
			}
			if (ig == 0)
				break;
			ig--;
		}
		if (il == d->lcms)
			il--;
		if (d->gcm[ig] == d->lcm[il])
			break;
	}
	return most;
}

/* The largest distance between the steps and an edge of a chain from a to b; upper: below the edge.
 */
static double edge_apart(const double *x, size_t a, size_t b, bool upper)
{
	double most = 1;

	if (b - a < 2 || x[a] == x[b])
		return most;
	for (size_t i = a; i <= b; i++)
		most = fmax(most, 1 + (upper ? -1 : 1) * above_line(x, i, a, b));
	return most;
}

double series_dip(const double *sorted, size_t n, size_t *work)
{
	struct dip d = {.x = sorted,
			.n = n,
			.minorant = work,
			.majorant = work + n + 1,
			.gcm = work + 2 * (n + 1),
			.lcm = work + 3 * (n + 1)};
	size_t low = 0, high = n - 1, g, l;
	double dip = 1;

	if (n < 2 || sorted[0] == sorted[n - 1])
		return 0.5 / (double)n;
	make_chains(&d);
	for (;;) {
		take_vertices(&d, low, high);
		if (chains_apart(&d, &g, &l) < dip)
			break;
		for (size_t i = g; i + 1 < d.gcms; i++)
			dip = fmax(dip, edge_apart(sorted, d.gcm[i + 1], d.gcm[i], false));
		for (size_t i = l; i + 1 < d.lcms; i++)
			dip = fmax(dip, edge_apart(sorted, d.lcm[i], d.lcm[i + 1], true));
		if (low == d.gcm[g] && high == d.lcm[l])
			break;
		low = d.gcm[g];
		high = d.lcm[l];
	}
	return dip / (2 * (double)n);
}

/* ---- two modes ---- */

/* √n times the 99 % quantile of the dip of n uniform values. */
static const struct {
	double n, limit;
} limits[] = {
	{4, 0.4637},   {5, 0.4395},   {6, 0.4706},    {8, 0.4883},  {10, 0.5046},
	{15, 0.5253},  {20, 0.5405},  {30, 0.5546},   {50, 0.5741}, {100, 0.5889},
	{200, 0.6039}, {500, 0.6117}, {1000, 0.6149},
};
enum { LIMITS = sizeof(limits) / sizeof(limits[0]) };

double series_dip_limit(double n)
{
	size_t i = 0;
	double part;

	while (i + 1 < LIMITS && limits[i + 1].n < n)
		i++;
	if (i + 1 == LIMITS)
		return limits[i].limit / sqrt(n);
	part = fmax(0, (n - limits[i].n) / (limits[i + 1].n - limits[i].n));
	return (limits[i].limit + part * (limits[i + 1].limit - limits[i].limit)) / sqrt(n);
}

/* The distance of the means of the two parts with the least squares about them. */
static double modes_apart(const double *sorted, size_t n)
{
	double sum = 0, left = 0, best = -1, apart = 0;

	for (size_t i = 0; i < n; i++)
		sum += sorted[i];
	for (size_t k = 1; k < n; k++) {
		double below, above, between;

		left += sorted[k - 1];
		below = left / (double)k;
		above = (sum - left) / (double)(n - k);
		between = (double)k * (double)(n - k) * (above - below) * (above - below);
		if (between > best) {
			best = between;
			apart = above - below;
		}
	}
	return apart;
}

bool series_is_bimodal(const double *sorted, size_t n, double m, double rho, size_t *work)
{
	double effective = (double)n / (1 + (m - 1) * rho);

	if (effective < limits[0].n || modes_apart(sorted, n) < PRACTICAL)
		return false;
	return series_dip(sorted, n, work) > series_dip_limit(effective);
}
