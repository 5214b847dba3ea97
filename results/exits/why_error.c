/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "results/exits/why_parts.h"

static double half(const struct estimate *e)
{
	return (e->high - e->low) / 2;
}

static struct estimate with_half(double mid, double width)
{
	return (struct estimate){mid, mid - width, mid + width};
}

struct estimate why_product(const struct estimate *a, const struct estimate *b)
{
	return with_half(a->mid * b->mid, hypot(a->mid * half(b), b->mid * half(a)));
}

struct estimate why_quotient(const struct estimate *a, const struct estimate *b)
{
	double ratio = a->mid / b->mid;

	return with_half(ratio, hypot(half(a), ratio * half(b)) / fabs(b->mid));
}

struct estimate why_sum(const struct estimate *a, const struct estimate *b, double sign)
{
	return with_half(a->mid + sign * b->mid, hypot(half(a), half(b)));
}
