/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Made-up series with known change points. */
#include "tests/check.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>

#include "results/stats/changepoint.h"

static struct change_point *found;
static size_t count;

static void search(const double *x, size_t n, double level)
{
	struct err err = {0};

	free(found);
	assert_works(change_points(x, n, level, 7, &found, &count, &err), err);
	assert_true((found == NULL) == (count == 0));
}

static gsl_rng *seeded(unsigned long seed)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	assert_non_null(rng);
	gsl_rng_set(rng, seed);
	return rng;
}

static void test_steps(void **state)
{
	gsl_rng *rng = seeded(1);
	double x[60];

	(void)state;
	/* 100, from 20 on 110, from 45 on 90; 2 % of noise. */
	for (int i = 0; i < 60; i++)
		x[i] = (i < 20 ? 100 : i < 45 ? 110 : 90) + gsl_ran_gaussian(rng, 2);
	search(x, 60, 0.01);
	assert_int_equal(count, 2);
	assert_int_equal(found[0].at, 20);
	assert_int_equal(found[1].at, 45);
	assert_close(found[0].before, 100, 1.5);
	assert_close(found[0].after, 110, 1.5);
	assert_close(found[1].before, 110, 1.5);
	assert_close(found[1].after, 90, 1.5);
	assert_true(found[0].p <= 0.01);
	gsl_rng_free(rng);
}

/* One outlier is no change. */
static void test_outlier(void **state)
{
	gsl_rng *rng = seeded(2);
	double x[40];

	(void)state;
	for (int i = 0; i < 40; i++)
		x[i] = 100 + gsl_ran_gaussian(rng, 2);
	x[17] = 200;
	search(x, 40, 0.01);
	assert_int_equal(count, 0);
	gsl_rng_free(rng);
}

static void test_short_and_flat(void **state)
{
	const double flat[12] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
	const double step[12] = {5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6};

	(void)state;
	search(flat, 0, 0.01);
	assert_int_equal(count, 0);
	search(step, 5, 0.01);
	assert_int_equal(count, 0);
	search(flat, 12, 0.01);
	assert_int_equal(count, 0);
	search(step, 12, 0.01);
	assert_int_equal(count, 1);
	assert_int_equal(found[0].at, 6);
	assert_close(found[0].before, 5, 0);
	assert_close(found[0].after, 6, 0);
}

/* Of pure noise, the share of series with any change point is the level. */
static void test_false_alarms(void **state)
{
	enum { SERIES = 200, N = 25 };
	gsl_rng *rng = seeded(3);
	size_t alarms = 0;

	(void)state;
	for (int s = 0; s < SERIES; s++) {
		double x[N];

		for (int i = 0; i < N; i++)
			x[i] = gsl_ran_lognormal(rng, 0, 0.1);
		search(x, N, 0.05);
		alarms += count > 0;
	}
	/* 10 are expected; more than 21 have a chance of 1 in 1,000. */
	assert_in_range(alarms, 2, 21);
	gsl_rng_free(rng);
}

static void test_long(void **state)
{
	size_t n = CHANGE_POINT_VALUES + 50;
	gsl_rng *rng = seeded(4);
	double *x = calloc(n, sizeof(*x));

	(void)state;
	assert_non_null(x);
	for (size_t i = 0; i < n; i++)
		x[i] = 100;
	for (size_t i = 20; i < 40; i++)
		x[i] = 200;
	/* The part that is searched is flat. */
	search(x, n, 0.01);
	assert_int_equal(count, 0);
	free(x);
	gsl_rng_free(rng);
}

static int forget(void **state)
{
	(void)state;
	free(found);
	found = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps),	       cmocka_unit_test(test_outlier),
		cmocka_unit_test(test_short_and_flat), cmocka_unit_test(test_false_alarms),
		cmocka_unit_test(test_long),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
