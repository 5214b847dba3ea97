/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/session/disturbance.h"

#define S NS_PER_S

/* Four CPUs, of which one is measured; ten seconds pass. */
static const struct noise_reading begin = {
	.at_ns = 100 * S,
	.all = {.count = 4, .busy_ns = 1000 * S, .steal_ns = 50 * S},
	.measured = {.count = 1, .busy_ns = 300 * S, .steal_ns = 20 * S},
	.ours_ns = 200 * S,
	.kernel_ns = 30 * S,
	.vcpus = 2,
	.wait_ns = 5 * S,
	.switches = 100,
	.khz = 2000000,
	.throttles = 3,
};

/* So much more of each, in ms. */
static struct noise_reading later(uint64_t all_ms, uint64_t measured_ms, uint64_t ours_ms)
{
	struct noise_reading r = begin;

	r.at_ns += 10 * S;
	r.all.busy_ns += all_ms * NS_PER_MS;
	r.measured.busy_ns += measured_ms * NS_PER_MS;
	r.ours_ns += ours_ms * NS_PER_MS;
	return r;
}

static struct disturbance between(const struct noise_reading *to)
{
	struct disturbance d;

	assert_true(disturbance_between(&begin, to, &d));
	return d;
}

static void test_quiet(void **state)
{
	struct noise_reading to = later(9800, 9700, 9800);
	struct disturbance d;
	char why[DISTURBANCE_WHY], text[DISTURBANCE_TEXT];

	(void)state;
	to.wait_ns += 2 * S;
	to.switches += 50;
	to.load1_milli = 1250;
	to.khz = 2500000;
	d = between(&to);
	assert_close(d.foreign_share, 0, 1e-12);
	assert_close(d.steal_share, 0, 1e-12);
	assert_close(d.wait_share, 0.1, 1e-12);
	assert_close(d.switches_per_s, 5, 1e-12);
	assert_false(disturbance_verdict(&d, 0.1, why));
	assert_string_equal(why, "");
	disturbance_text(&d, text);
	assert_string_equal(text, "foreign=0.0000 steal=0.0000 wait=0.1000 switches/s=5.0 "
				  "load1=1.25 khz=2000000-2500000 throttles=0");
}

/* Others use 6 s on the three other CPUs: 15 % of all. */
static void test_neighbours_anywhere(void **state)
{
	struct noise_reading to = later(15000, 9000, 9000);
	struct disturbance d = between(&to);
	char why[DISTURBANCE_WHY];

	(void)state;
	assert_false(d.of_measured);
	assert_close(d.foreign_share, 0.15, 1e-12);
	assert_true(disturbance_verdict(&d, 0.10, why));
	assert_string_equal(why, "others used 15.0 % of the CPUs and 0.0 % was stolen (limit 10 "
				 "%)");
	assert_false(disturbance_verdict(&d, 0.16, why));
	assert_false(disturbance_verdict(&d, 0, why));
	/* Kernel threads are nobody's. */
	to.kernel_ns += 6 * S;
	d = between(&to);
	assert_close(d.foreign_share, 0, 1e-12);
}

/* Of the measured CPU others have 3 s: a third of it, and little of all. */
static void test_neighbours_on_the_measured_cpu(void **state)
{
	struct noise_reading to = later(10000, 10000, 7000);
	struct disturbance d = between(&to);
	char why[DISTURBANCE_WHY];

	(void)state;
	assert_true(d.of_measured);
	assert_close(d.foreign_share, 0.3, 1e-12);
	assert_true(disturbance_verdict(&d, 0.10, why));
	assert_non_null(strstr(why, "30.0 % of the measured CPUs"));
}

static void test_steal(void **state)
{
	struct noise_reading to = later(8000, 8000, 8000);
	struct disturbance d;
	char why[DISTURBANCE_WHY];

	(void)state;
	to.all.steal_ns += 2 * S;
	to.measured.steal_ns += 2 * S;
	d = between(&to);
	assert_close(d.steal_share, 0.2, 1e-12);
	assert_true(disturbance_verdict(&d, 0.10, why));
	assert_non_null(strstr(why, "20.0 % was stolen"));
}

static void test_heat(void **state)
{
	struct noise_reading to = later(8000, 8000, 8000);
	struct disturbance d;
	char why[DISTURBANCE_WHY];

	(void)state;
	to.throttles += 2;
	d = between(&to);
	assert_true(disturbance_verdict(&d, 0.10, why));
	assert_string_equal(why, "cores were throttled for heat 2 times");
	assert_false(disturbance_verdict(&d, 0, why));
}

/* A few ticks in a short time are no disturbance, whatever share of it they are. */
static void test_short(void **state)
{
	struct noise_reading to = later(90, 90, 0);
	struct disturbance d;
	char why[DISTURBANCE_WHY];

	(void)state;
	to.at_ns = begin.at_ns + 100 * NS_PER_MS;
	d = between(&to);
	assert_close(d.foreign_share, 0.9, 1e-12);
	assert_false(disturbance_verdict(&d, 0.1, why));
	to.all.busy_ns += 10 * NS_PER_MS;
	to.measured.busy_ns += 10 * NS_PER_MS;
	d = between(&to);
	assert_true(disturbance_verdict(&d, 0.1, why));
}

/* Counters that fall, clocks that stand, readings that were never made. */
static void test_odd_readings(void **state)
{
	struct noise_reading to = later(1000, 1000, 1000), none = {0};
	struct disturbance d;

	(void)state;
	to.wait_ns = to.switches = to.throttles = to.all.steal_ns = 0;
	d = between(&to);
	assert_close(d.steal_share, 0, 1e-12);
	assert_close(d.wait_share, 0, 1e-12);
	assert_int_equal(d.throttles, 0);
	to.vcpus = 0;
	d = between(&to);
	assert_true(isnan(d.wait_share) && isnan(d.switches_per_s));
	to.measured.count = 0;
	d = between(&to);
	assert_false(d.of_measured);
	assert_false(disturbance_between(&none, &to, &d));
	assert_false(disturbance_between(&begin, &begin, &d));
	assert_false(disturbance_between(&to, &begin, &d));
	to.all.count = 0;
	assert_false(disturbance_between(&begin, &to, &d));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_neighbours_anywhere),
		cmocka_unit_test(test_neighbours_on_the_measured_cpu),
		cmocka_unit_test(test_steal),
		cmocka_unit_test(test_heat),
		cmocka_unit_test(test_short),
		cmocka_unit_test(test_odd_readings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
