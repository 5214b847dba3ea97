# SPDX-License-Identifier: GPL-3.0-or-later
# Reads series of numbers, one a line, and prints what scipy makes of each: median, quantiles of type 7,
# scaled MAD, ranks of the sign-test interval, p-values of the sign test, a binomial tail, and the dip of
# the twelve lowest.
import sys

import numpy
from scipy import optimize, stats


def dip(x):
    """The dip by its definition: of all distribution functions that are convex up to a mode between two neighbours
    and concave from there on, the one nearest to the steps, by a linear program for each place of the mode."""
    n = len(x)
    if n < 2:
        return 0.5 / n
    width = numpy.diff(x)
    slopes = numpy.zeros((n - 1, n + 1))
    for i in range(n - 1):
        slopes[i, i + 1] = 1 / width[i]
        slopes[i, i] = -1 / width[i]
    near, limit = [], []
    for i in range(n):
        for sign, step in ((1, i), (-1, i), (1, i + 1), (-1, i + 1)):
            row = numpy.zeros(n + 1)
            row[i], row[n] = sign, -1
            near.append(row)
            limit.append(sign * step / n)
    rising = [slopes[i] for i in range(n - 1)]
    best = 1
    for mode in range(n - 1):
        # Slopes do not fall before the mode, and do not rise behind it; none is negative.
        rows = near + [-row for row in rising]
        rows += [slopes[i] - slopes[i + 1] for i in range(mode)]
        rows += [slopes[i + 1] - slopes[i] for i in range(mode, n - 2)]
        found = optimize.linprog([0] * n + [1], A_ub=rows, b_ub=limit + [0] * (len(rows) - len(limit)),
                                 bounds=[(None, None)] * (n + 1), method="highs")
        best = min(best, found.fun)
    return best

for line in sys.stdin:
    x = numpy.array([float(word) for word in line.split()])
    n = len(x)
    out = [numpy.median(x)]
    out += list(numpy.quantile(x, [0.025, 0.25, 0.95, 0.99]))
    out.append(stats.median_abs_deviation(x, scale="normal"))
    # The largest k with P(B <= k - 1) <= 0.025, B binomial(n, 1/2).
    out.append(sum(1 for k in range(1, n // 2 + 2) if stats.binom.cdf(k - 1, n, 0.5) <= 0.025))
    for hits in (0, n // 2, n - n // 8, n):
        out.append(stats.binomtest(hits, n, 0.5, alternative="greater").pvalue)
    out.append(stats.binom.sf(n // 8, n, 0.01))
    out.append(dip(numpy.sort(x)[:12]))
    print(" ".join(repr(float(value)) for value in out))
