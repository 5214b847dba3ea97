/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/calibrate.h"

static const struct clock_quality good_clock = {.resolution_ns = 1, .cost_ns = 20};

static void test_slowest_decides(void **state)
{
	const double ns[] = {10, 40, 100};

	(void)state;
	assert_int_equal(calibration_ops(ns, 3, 50 * NS_PER_MS, good_clock), 500000);
}

/* 1000 times faster at L0: 20 ms on the slowest is 20 us there, short against a coarse clock. */
static void test_fastest_is_lengthened(void **state)
{
	const struct clock_quality coarse = {.resolution_ns = 1000, .cost_ns = 1000};
	const double ns[] = {1, 1000};

	(void)state;
	assert_int_equal(calibration_ops(ns, 2, 20 * NS_PER_MS, good_clock), 20000);
	assert_int_equal(calibration_ops(ns, 2, 20 * NS_PER_MS, coarse), 200000);
}

static void test_unknown_layers_are_left_out(void **state)
{
	const double some[] = {10, 0, 0}, none[] = {0, 0};

	(void)state;
	assert_int_equal(calibration_ops(some, 3, NS_PER_MS, good_clock), 100000);
	assert_int_equal(calibration_ops(none, 2, NS_PER_MS, good_clock), 1);
}

static void test_never_zero(void **state)
{
	const double ns[] = {1e12};

	(void)state;
	assert_int_equal(calibration_ops(ns, 1, NS_PER_MS, good_clock), 1);
}

static void test_limits(void **state)
{
	struct calibration c = {.ops = 1000, .ns_per_op = {1e6, 0, 1e300}};
	const struct patience seen = {.boot_ns = {0, 5 * NS_PER_S}};

	(void)state;
	assert_int_equal(calibration_batch_limit_ns(&c, &seen, 0), 60 * NS_PER_S + 50);
	assert_int_equal(calibration_batch_limit_ns(&c, &seen, 1), patience_batch_ns(&seen, 1, 0));
	/* What no layer can have said is no reason to overflow. */
	assert_true(calibration_batch_limit_ns(&c, &seen, 2) < 60 * 24 * 3600 * NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slowest_decides),
		cmocka_unit_test(test_fastest_is_lengthened),
		cmocka_unit_test(test_unknown_layers_are_left_out),
		cmocka_unit_test(test_never_zero),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
