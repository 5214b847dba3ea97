/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/session/calibrate.h"

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
	const struct timeouts seen = {.boot_ns = {0, 5 * NS_PER_S}};

	(void)state;
	assert_int_equal(calibration_batch_limit_ns(&c, &seen, 0), 60 * NS_PER_S + 50);
	assert_int_equal(calibration_batch_limit_ns(&c, &seen, 1), timeouts_batch_ns(&seen, 1, 0));
	/* What no layer can have said is no reason to overflow. */
	assert_true(calibration_batch_limit_ns(&c, &seen, 2) < 60 * 24 * 3600 * NS_PER_S);
}

/* Cheap where it is known, or has been tried above, how long it takes; never without an end. */
static void test_calibration_has_limits(void **state)
{
	const struct timeouts none = {0}, seen = {.boot_ns = {0, 3 * NS_PER_S, 10 * NS_PER_S}};
	const struct timeouts_hint unknown = {0}, hung = {.hung = true},
				   quick = {.setup_ns = NS_PER_MS, .op_ns = NS_PER_MS},
				   lies = {.setup_ns = UINT64_MAX, .op_ns = UINT64_MAX},
				   user = {.of_user = true},
				   build = {.op_ns = 2 * NS_PER_S, .of_user = true};
	const uint64_t s = NS_PER_S, t = 50 * NS_PER_MS;

	(void)state;
	assert_int_equal(timeouts_calibration_ns(&none, 0, t, &unknown), 20 * s + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&none, 0, t, &user), 130 * s + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&seen, 1, t, &unknown), 76 * s + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&seen, 1, t, &hung), 32 * s + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&seen, 2, t, &hung), 70 * s + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&seen, 1, t, &quick),
			 32 * s + 200 * NS_PER_MS + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&none, 1, t, &build), 420 * s + 32 * t);
	assert_int_equal(timeouts_calibration_ns(&none, 1, t, &lies), 3620 * s + 32 * t);
	/* However long a batch is to be, there is time to find its count. */
	assert_true(timeouts_calibration_ns(&none, 0, 600 * s, &unknown) > 8 * 600 * s);
	assert_int_equal(timeouts_calibration_setup_ns(&none, 0, &unknown), 30 * s);
	assert_int_equal(timeouts_calibration_setup_ns(&seen, 1, &unknown), 96 * s);
	assert_int_equal(timeouts_calibration_setup_ns(&seen, 1, &hung), 72 * s);
	assert_int_equal(timeouts_calibration_setup_ns(&seen, 1, &quick), 72 * s + 100 * NS_PER_MS);
	assert_int_equal(timeouts_calibration_setup_ns(&none, 1, &lies), 3660 * s);
}

/* A kernel that hung is not given so long again; a user's program is. */
static void test_limits_behind_a_hang(void **state)
{
	struct calibration c = {.ops = 1000, .ns_per_op = {1e6, 0, 5e6}, .hung = {"", "it hung"}};
	const struct timeouts seen = {.boot_ns = {0, 5 * NS_PER_S}};

	(void)state;
	assert_int_equal(calibration_batch_limit_ns(&c, &seen, 1), 270 * NS_PER_S + 50);
	assert_int_equal(calibration_setup_limit_ns(&c, &seen, 1), 60 * NS_PER_S + 20);
	c.setup_ns[1] = NS_PER_S;
	assert_int_equal(calibration_setup_limit_ns(&c, &seen, 1), 80 * NS_PER_S);
	c.of_user = true;
	assert_int_equal(calibration_batch_limit_ns(&c, &seen, 1), timeouts_batch_ns(&seen, 1, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slowest_decides),
		cmocka_unit_test(test_fastest_is_lengthened),
		cmocka_unit_test(test_unknown_layers_are_left_out),
		cmocka_unit_test(test_never_zero),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_calibration_has_limits),
		cmocka_unit_test(test_limits_behind_a_hang),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
