/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "results/stats/quantile_error.h"
#include "results/stats/stats.h"

static void test_median_and_quantiles(void **state)
{
	double x[] = {4, 1, 3, 2}, one[] = {7}, five[] = {10, 20, 30, 40, 50};

	(void)state;
	stats_sort(x, 4);
	assert_close(x[0], 1, 0);
	assert_close(stats_median(x, 4), 2.5, 0);
	assert_close(stats_median(five, 5), 30, 0);
	assert_close(stats_median(one, 1), 7, 0);
	/* R: quantile(c(1,2,3,4), c(.25,.95)) is 1.75 and 3.85 (type 7). */
	assert_close(stats_quantile(x, 4, 0.25), 1.75, 1e-15);
	assert_close(stats_quantile(x, 4, 0.95), 3.85, 1e-15);
	assert_close(stats_quantile(x, 4, 0), 1, 0);
	assert_close(stats_quantile(x, 4, 1), 4, 0);
	assert_close(stats_quantile(one, 1, 0.99), 7, 0);
}

/* The two ways to a quantile agree, whatever the order of the values. */
static void test_quantile_of(void **state)
{
	double sorted[101], mixed[101];

	(void)state;
	for (size_t n = 1; n <= 101; n++)
		for (double p = 0; p <= 1; p += 0.0125) {
			for (size_t i = 0; i < n; i++)
				mixed[i] = sorted[i] = sin((double)(i * i));
			stats_sort(sorted, n);
			assert_close(stats_quantile_of(mixed, n, p), stats_quantile(sorted, n, p),
				     1e-12);
		}
}

static void test_mad(void **state)
{
	const double x[] = {1, 1, 2, 2, 4, 6, 9}, same[] = {3, 3, 3};
	double work[7];

	(void)state;
	assert_close(stats_scaled_mad(x, 7, work), 1.4826022185056018, 1e-12); /* R: mad(x) */
	assert_close(stats_scaled_mad(same, 3, work), 0, 0);
}

/*
 * The shares at which the probability of at least, or at most, this number of hits is 0.025, found
 * by bisection over exact binomial sums; for no hit in n tries that is 1 - 0.025^(1/n).
 */
static void test_share_interval(void **state)
{
	static const struct {
		size_t hits, n;
		double low, high;
	} known[] = {
		{0, 10, 0, 0.30849710781876083},
		{10, 10, 0.6915028921812392, 1},
		{1, 20, 0.00126508959794980, 0.24873276277202835},
		{9, 10, 0.5549838829718046, 0.9974714214555381},
		{5, 100, 0.01643187918205215, 0.11283491110546273},
	};
	double low, high;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		stats_share_interval(known[i].hits, known[i].n, 0.95, &low, &high);
		assert_close(low, known[i].low, 1e-9);
		assert_close(high, known[i].high, 1e-9);
	}
	stats_share_interval(0, 0, 0.95, &low, &high);
	assert_close(low, 0, 0);
	assert_close(high, 1, 0);
}

static void test_sign_interval(void **state)
{
	/* Conover, table A3, and by hand: the largest k with P(B <= k - 1) <= 0.025. */
	static const struct {
		size_t n, low;
	} known[] = {{6, 1},  {7, 1},  {8, 1},	{9, 2},	 {10, 2},
		     {12, 3}, {15, 4}, {20, 6}, {25, 8}, {100, 40}};
	size_t low, high;

	(void)state;
	for (size_t n = 1; n < 6; n++)
		assert_false(stats_sign_interval(n, 0.95, &low, &high));
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_true(stats_sign_interval(known[i].n, 0.95, &low, &high));
		assert_int_equal(low, known[i].low);
		assert_int_equal(high, known[i].n + 1 - known[i].low);
	}
}

static void test_sign_test(void **state)
{
	(void)state;
	assert_close(stats_sign_test(6, 6), 1.0 / 64, 1e-15);
	assert_close(stats_sign_test(5, 6), 7.0 / 64, 1e-15);
	assert_close(stats_sign_test(0, 6), 1, 0);
	assert_close(stats_sign_test(0, 0), 1, 0);
	assert_close(stats_sign_test(8, 10), 56.0 / 1024, 1e-15);
}

/* The interval has its nominal coverage of the median: 20,000 samples of 9 from a skewed
 * distribution. */
static void test_coverage(void **state)
{
	enum { TRIES = 20000, N = 9 };
	uint64_t random = 88172645463325252ULL;
	size_t covered = 0, low, high;

	(void)state;
	assert_true(stats_sign_interval(N, 0.95, &low, &high));
	for (int t = 0; t < TRIES; t++) {
		double x[N];

		for (int i = 0; i < N; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			x[i] = -log((double)(random >> 11) / 9007199254740992.0 + 1e-300);
		}
		stats_sort(x, N);
		covered += x[low - 1] <= log(2) && log(2) <= x[high - 1];
	}
	/* Exactly 1 - 2 * 10/512 = 0.9609; four standard errors are 0.0055. */
	assert_close((double)covered / TRIES, 0.9609, 0.0055);
}

static void test_resamples(void **state)
{
	enum { COUNT = 20000 };
	/* One value per boot: a plain bootstrap of three values. */
	const double x[] = {1, 2, 4};
	const size_t size[] = {1, 1, 1};
	struct stats_resamples r = {0}, again = {0};
	double *medians = calloc(COUNT, sizeof(*medians));
	size_t seen[5] = {0};
	struct err err;

	(void)state;
	assert_works(stats_resamples_draw(&r, size, 3, COUNT, 42, &err), err);
	assert_works(stats_resampled_medians(&r, x, medians, &err), err);
	for (int i = 0; i < COUNT; i++)
		seen[(size_t)medians[i]]++;
	/* Of 27 draws of three, 7 have two or more of the lowest: the median is 1 with 7/27, 2 with
	 * 13/27. */
	assert_close((double)seen[1] / COUNT, 7.0 / 27, 0.013);
	assert_close((double)seen[2] / COUNT, 13.0 / 27, 0.015);
	assert_close((double)seen[4] / COUNT, 7.0 / 27, 0.013);
	assert_works(stats_resamples_draw(&again, size, 3, COUNT, 42, &err), err);
	assert_memory_equal(r.drawn, again.drawn, COUNT * 3 * sizeof(*r.drawn));
	stats_resamples_release(&r);
	stats_resamples_release(&again);
	free(medians);
}

/* Every draw is counted, groups keep their sizes, and an even number of draws gives the mean of
 * two. */
static void test_resamples_of_groups(void **state)
{
	const double x[] = {1, 2, 3, 10, 20, 30, 40, 50};
	const size_t size[] = {3, 5};
	struct stats_resamples r = {0};
	double medians[500];
	struct err err;

	(void)state;
	assert_works(stats_resamples_draw(&r, size, 2, 500, 7, &err), err);
	assert_works(stats_resampled_medians(&r, x, medians, &err), err);
	for (size_t i = 0; i < r.count; i++) {
		const uint16_t *drawn = r.drawn + i * r.n;
		double all[16];
		size_t n = 0;

		for (size_t k = 0; k < r.n; k++)
			for (uint16_t c = 0; c < drawn[k]; c++)
				all[n++] = x[k];
		assert_int_equal(n, r.draws[i]);
		assert_true(n == 6 || n == 8 || n == 10);
		assert_close(medians[i], stats_median(all, n), 0);
	}
	stats_resamples_release(&r);
}

/* Of three values the weights of the median are I(2,2) at thirds: 7/27, 13/27, 7/27. Of many evenly
 * spread ones the variance of a quantile is p(1 - p)/n. */
static void test_quantile_variance(void **state)
{
	static const double three[] = {1, 2, 3}, same[] = {4, 4, 4, 4};
	struct quantile_weights w = {.p = 0.5}, tail = {.p = 0.95};
	double even[1000], variance;
	struct err err;

	(void)state;
	for (int i = 0; i < 1000; i++)
		even[i] = (i + 0.5) / 1000;
	assert_works(quantile_variance(&w, three, 3, &variance, &err), err);
	assert_close(variance, 14.0 / 27, 1e-12);
	assert_works(quantile_variance(&w, same, 4, &variance, &err), err);
	assert_close(variance, 0, 1e-12);
	assert_works(quantile_variance(&w, three, 1, &variance, &err), err);
	assert_close(variance, 0, 1e-12);
	assert_works(quantile_variance(&w, even, 1000, &variance, &err), err);
	assert_close(variance, 0.25 / 1000, 0.01 * 0.25 / 1000);
	assert_works(quantile_variance(&tail, even, 1000, &variance, &err), err);
	assert_close(variance, 0.0475 / 1000, 0.01 * 0.0475 / 1000);
	quantile_weights_release(&w);
	quantile_weights_release(&tail);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_median_and_quantiles),
		cmocka_unit_test(test_quantile_of),
		cmocka_unit_test(test_mad),
		cmocka_unit_test(test_sign_interval),
		cmocka_unit_test(test_share_interval),
		cmocka_unit_test(test_sign_test),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_resamples),
		cmocka_unit_test(test_resamples_of_groups),
		cmocka_unit_test(test_quantile_variance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
