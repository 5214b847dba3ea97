/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <gsl/gsl_randist.h>

#include "results/stats/odd.h"

enum { MOST = 40 };

static void put(struct odd_value *v, const double *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		v[i] = (struct odd_value){.y = y[i]};
}

static void find(struct odd_value *v, size_t n, double level)
{
	struct err err;

	assert_works(odd_find(v, n, level, &err), err);
}

/* Values that can be judged by hand: the others of the last are 1, 2 and 3, with a median of 2 and
 * a variance of 1, so T = 8 / sqrt(1 + (pi/2)/3) with 2 degrees of freedom. */
static void test_known_value(void **state)
{
	static const double y[] = {2, 10, 1, 3};
	struct odd_value v[4];

	(void)state;
	put(v, y, 4);
	find(v, 4, 0.05);
	assert_true(v[1].odd);
	assert_close(v[1].usual, 2, 0);
	assert_close(v[1].deviation, 8, 0);
	/* R: q <- 8 / sqrt(1 + pi / 6); 2 * pt(-q, 2); qt(0.975, 2) * 8 / q */
	assert_close(v[1].p, 0.0229885, 1e-6);
	assert_close(v[1].half, 5.310943, 1e-5);
	/* The others are judged without it: 1 against 2 and 3, whose median is their mean. */
	assert_false(v[2].odd);
	assert_close(v[2].usual, 2.5, 0);
	assert_close(v[2].deviation, -1.5, 0);
	/* R: 2 * pt(-1.5 / sqrt(0.5 * 1.5), 1) */
	assert_close(v[2].p, 0.3333333, 1e-6);
}

static void test_too_few(void **state)
{
	static const double y[] = {1, 100};
	struct odd_value v[2];

	(void)state;
	put(v, y, 2);
	find(v, 2, 0.05);
	for (int i = 0; i < 2; i++) {
		assert_false(v[i].odd);
		assert_true(isnan(v[i].deviation) && isnan(v[i].half) && isnan(v[i].usual));
		assert_close(v[i].p, 1, 0);
	}
	find(v, 0, 0.05);
}

/* An odd one of three leaves two that cannot be judged. */
static void test_of_three(void **state)
{
	static const double y[] = {1, 1.001, 900};
	struct odd_value v[3];

	(void)state;
	put(v, y, 3);
	find(v, 3, 0.05);
	assert_true(v[2].odd);
	for (int i = 0; i < 2; i++) {
		assert_false(v[i].odd);
		assert_true(isnan(v[i].deviation) && isnan(v[i].half));
	}
}

/* Values that agree to the last digit leave a little room. */
static void test_same_values(void **state)
{
	static const double y[] = {5, 5, 5, 5, 5, 5.001, 6};
	struct odd_value v[7];

	(void)state;
	put(v, y, 7);
	find(v, 7, 0.001);
	for (int i = 0; i < 7; i++)
		assert_int_equal(v[i].odd, i == 6);
	put(v, y, 5);
	find(v, 5, 0.001);
	assert_close(v[0].deviation, 0, 0);
	assert_close(v[0].p, 1, 0);
}

/* Two that are off together do not hide each other, whichever side they are on. */
static void test_masking(void **state)
{
	struct odd_value v[12];

	(void)state;
	for (int side = -1; side <= 1; side += 2)
		for (int other = -1; other <= 1; other += 2) {
			for (int i = 0; i < 12; i++)
				v[i] = (struct odd_value){.y = 0.01 * sin(5 * i)};
			v[3].y = side * 0.3;
			v[9].y = other * 0.31;
			find(v, 12, 1e-4);
			for (int i = 0; i < 12; i++)
				assert_int_equal(v[i].odd, i == 3 || i == 9);
		}
}

/* A value that is itself uncertain is not odd, and its interval says so; one whose error is that of
 * all is judged by the spread alone. */
static void test_own_error(void **state)
{
	struct odd_value v[10];
	double half;

	(void)state;
	for (int i = 0; i < 10; i++)
		v[i] = (struct odd_value){.y = 0.01 * cos(7 * i), .variance = 1e-5};
	v[4].y = 0.2;
	find(v, 10, 1e-3);
	assert_true(v[4].odd);
	half = v[4].half;
	v[4].variance = 0.1 * 0.1;
	find(v, 10, 1e-3);
	assert_false(v[4].odd);
	assert_true(v[4].half > 0.2 && v[4].half > 2 * half);
}

/* Of n equal nodes, any is called odd as often as the level says. */
static void test_level(void **state)
{
	static const size_t sizes[] = {3, 5, 8, 12, 30};
	enum { TRIES = 4000 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct odd_value v[MOST];

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		size_t n = sizes[s], alarms = 0;

		for (int t = 0; t < TRIES; t++) {
			bool any = false;

			for (size_t i = 0; i < n; i++)
				v[i] = (struct odd_value){.y = gsl_ran_gaussian(rng, 0.03)};
			find(v, n, 0.05 / (double)n);
			for (size_t i = 0; i < n; i++)
				any |= v[i].odd;
			alarms += any;
		}
		/* 5 % of 4,000 is 200, with a standard deviation of 14. */
		if (alarms > 242 || alarms < 60)
			fail_msg("%zu nodes: %zu alarms of %d", n, alarms, TRIES);
	}
	gsl_rng_free(rng);
}

/* A search from the ends finds what a look at each value finds. */
static void test_order_does_not_matter(void **state)
{
	struct odd_value v[MOST], turned[MOST];

	(void)state;
	for (int t = 0; t < 200; t++) {
		for (int i = 0; i < MOST; i++)
			v[i] = (struct odd_value){.y = sin(i * i + t) * (i % 9 == 0 ? 9 : 1),
						  .variance =
							  i % 5 == 0 ? fabs(cos(3 * i + t)) : 0.01};
		for (int i = 0; i < MOST; i++)
			turned[(i * 7 + t) % MOST] = v[i];
		find(v, MOST, 0.01);
		find(turned, MOST, 0.01);
		for (int i = 0; i < MOST; i++) {
			assert_int_equal(v[i].odd, turned[(i * 7 + t) % MOST].odd);
			assert_close(v[i].deviation, turned[(i * 7 + t) % MOST].deviation, 1e-12);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_value), cmocka_unit_test(test_too_few),
		cmocka_unit_test(test_of_three),    cmocka_unit_test(test_same_values),
		cmocka_unit_test(test_masking),	    cmocka_unit_test(test_own_error),
		cmocka_unit_test(test_level),	    cmocka_unit_test(test_order_does_not_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
