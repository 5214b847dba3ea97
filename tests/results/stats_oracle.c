/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics against scipy. Skipped where Debian's python3-scipy is not installed. */
#include "tests/check.h"

#include "lib/child.h"
#include "lib/clock.h"
#include "results/stats/series.h"
#include "results/stats/stats.h"

enum { SERIES = 60, LONGEST = 120 };

static double series[SERIES][LONGEST];
static struct buf answers = BUF_INIT;

static size_t length_of(size_t i)
{
	return i < 40 ? i + 1 : 40 + 4 * (i - 40);
}

static int ask(void)
{
	static const char *const argv[] = {"/usr/bin/python3", TEST_SOURCE_DIR "/results/oracle.py",
					   NULL};
	struct buf input = BUF_INIT;
	struct err err;
	int rc;

	for (size_t i = 0; i < SERIES; i++) {
		for (size_t k = 0; k < length_of(i); k++) {
			series[i][k] = 1000 * sin((double)(i * 131 + k * k + 7 * k));
			buf_addf(&input, "%.17g ", series[i][k]);
		}
		buf_addstr(&input, "\n");
	}
	rc = child_run(argv, NULL, buf_str(&input), 100 * NS_PER_S, &answers, &err);
	if (rc < 0)
		fprintf(stderr, "skipped: %s\n", err.text);
	buf_release(&input);
	return rc;
}

static void test_against_scipy(void **state)
{
	static const double p[] = {0.025, 0.25, 0.95, 0.99};
	char *next = answers.data;
	double work[LONGEST];
	size_t indices[4 * (12 + 1)];

	(void)state;
	for (size_t i = 0; i < SERIES; i++) {
		size_t n = length_of(i), low = 0, high = 0;
		const size_t hits[] = {0, n / 2, n - n / 8, n};
		double *x = series[i], mad = stats_scaled_mad(x, n, work);

		stats_sort(x, n);
		assert_close(stats_median(x, n), strtod(next, &next), 1e-9);
		for (size_t k = 0; k < 4; k++)
			assert_close(stats_quantile(x, n, p[k]), strtod(next, &next), 1e-9);
		assert_close(mad, strtod(next, &next), 1e-6);
		if (!stats_sign_interval(n, 0.95, &low, &high))
			low = 0;
		assert_close((double)low, strtod(next, &next), 0);
		for (size_t k = 0; k < 4; k++)
			assert_close(stats_sign_test(hits[k], n), strtod(next, &next), 1e-12);
		assert_close(stats_chance(n / 8 + 1, n, 0.01), strtod(next, &next), 1e-12);
		assert_close(series_dip(x, n < 12 ? n : 12, indices), strtod(next, &next), 1e-7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_scipy)};
	int rc;

	if (ask() < 0)
		return 77;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	buf_release(&answers);
	return rc;
}
