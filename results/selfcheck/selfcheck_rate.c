/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/selfcheck/selfcheck.h"

#include "results/stats/stats.h"

struct selfcheck_rate selfcheck_rate(size_t hits, size_t n, double confidence)
{
	struct selfcheck_rate rate = {.hits = hits, .n = n};

	stats_share_interval(hits, n, confidence, &rate.low, &rate.high);
	return rate;
}
