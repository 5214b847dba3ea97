# SPDX-License-Identifier: GPL-3.0-or-later
# Reads series of numbers, one a line, and prints what scipy makes of each: median, quantiles of type 7,
# scaled MAD, geometric mean, ranks of the sign-test interval, and p-values of the sign test.
import sys

import numpy
from scipy import stats

for line in sys.stdin:
    x = numpy.array([float(word) for word in line.split()])
    n = len(x)
    out = [numpy.median(x)]
    out += list(numpy.quantile(x, [0.025, 0.25, 0.95, 0.99]))
    out.append(stats.median_abs_deviation(x, scale="normal"))
    out.append(stats.gmean(numpy.abs(x) + 1))
    # The largest k with P(B <= k - 1) <= 0.025, B binomial(n, 1/2).
    out.append(sum(1 for k in range(1, n // 2 + 2) if stats.binom.cdf(k - 1, n, 0.5) <= 0.025))
    for hits in (0, n // 2, n - n // 8, n):
        out.append(stats.binomtest(hits, n, 0.5, alternative="greater").pvalue)
    print(" ".join(repr(float(value)) for value in out))
