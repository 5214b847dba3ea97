/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/axis.h"

#include <math.h>
#include <stdio.h>

/* Tics at base * 10^k, for every k that is a multiple of `step`; counts those beyond AXIS_TICS,
 * too. */
static size_t put_tics(double low, double high, const double *base, size_t bases, int step,
		       double tic[AXIS_TICS])
{
	size_t count = 0;

	for (int k = (int)floor(log10(low)) - 1; k <= (int)ceil(log10(high)); k++)
		for (size_t i = 0; i < bases; i++) {
			double x = base[i] * pow(10, k);

			if (k % step || x < low * (1 - 1e-9) || x > high * (1 + 1e-9))
				continue;
			if (count < AXIS_TICS)
				tic[count] = x;
			count++;
		}
	return count;
}

size_t axis_tics(double low, double high, size_t most, double tic[AXIS_TICS])
{
	static const double fine[] = {1,   1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9, 2, 2.2, 2.4,
				      2.6, 2.8, 3,   3.5, 4,   4.5, 5,	 5.5, 6,   6.5, 7, 8,	9};
	static const double even[] = {1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 7, 8};
	static const double some[] = {1, 1.5, 2, 3, 4, 5, 7}, steps[] = {1, 2, 5}, ends[] = {1, 3},
			    decade[] = {1};
	static const struct {
		const double *base;
		size_t bases;
		int step;
	} ways[] = {{fine, sizeof(fine) / sizeof(fine[0]), 1},
		    {even, sizeof(even) / sizeof(even[0]), 1},
		    {some, sizeof(some) / sizeof(some[0]), 1},
		    {steps, 3, 1},
		    {ends, 2, 1},
		    {decade, 1, 1},
		    {decade, 1, 2},
		    {decade, 1, 3},
		    {decade, 1, 6}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		size_t count = put_tics(low, high, ways[i].base, ways[i].bases, ways[i].step, tic);

		if (count <= most)
			return count;
	}
	return 0;
}

const char *axis_time(double ns, char text[AXIS_TEXT])
{
	static const struct {
		double ns;
		const char *name;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}, {1, "ns"}};
	size_t i = 0;

	while (i < 3 && ns < units[i].ns * (1 - 1e-9))
		i++;
	snprintf(text, AXIS_TEXT, "%.3g %s", ns / units[i].ns, units[i].name);
	return text;
}
