/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/axis.h"

#include <math.h>
#include <stdio.h>

/* 1, 2 or 5 times a power of ten that is not below x. */
static double round_up(double x)
{
	double ten = pow(10, floor(log10(x)));

	return x <= ten ? ten : x <= 2 * ten ? 2 * ten : x <= 5 * ten ? 5 * ten : 10 * ten;
}

static size_t even_tics(double low, double high, size_t most, double tic[AXIS_TICS])
{
	double step = round_up((high - low) / (double)(most - 1));
	size_t count = 0;

	for (double x = ceil(low / step - 1e-9); x * step <= high * (1 + 1e-9); x++)
		tic[count++] = x * step;
	return count;
}

/* The first `bases` of 1, 2 and 5 times every so manyth power of ten; counts those beyond
 * AXIS_TICS, too. */
static size_t decade_tics(double low, double high, size_t bases, int every, double tic[AXIS_TICS])
{
	static const double base[] = {1, 2, 5};
	size_t count = 0;

	for (int k = (int)floor(log10(low)); k <= (int)ceil(log10(high)); k++)
		for (size_t i = 0; i < bases && k % every == 0; i++) {
			double x = base[i] * pow(10, k);

			if (x < low * (1 - 1e-9) || x > high * (1 + 1e-9))
				continue;
			if (count < AXIS_TICS)
				tic[count] = x;
			count++;
		}
	return count;
}

size_t axis_tics(double low, double high, size_t most, double tic[AXIS_TICS])
{
	size_t count = high < 5 * low ? even_tics(low, high, most, tic)
				      : decade_tics(low, high, 3, 1, tic);

	for (int every = 1; count > most; every++)
		count = decade_tics(low, high, 1, every, tic);
	return count;
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
