/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/session/clockcheck.h"
#include "lib/clock.h"

#define MACHINE(s) ((uint64_t)(s)*NS_PER_S + 1000)

/* What a check sees after s seconds; ppm and jump are of the layer's clock, which began at 500 s.
 */
static struct clock_reading reading(uint64_t s, double ppm, int64_t jump_ns)
{
	struct clock_reading r = {.machine_ns = MACHINE(s), .round_trip_ns = 100000};

	r.layer_ns = 500 * NS_PER_S + (uint64_t)(int64_t)((double)s * 1e9 * (1 + ppm / 1e6)) +
		     (uint64_t)jump_ns;
	r.agent_cpu_ns = s * 1000;
	strcpy(r.clocksource, "tsc");
	return r;
}

static bool see(struct clock_watch *w, struct clock_reading r, uint32_t next_round)
{
	return clock_watch_see(w, &r, next_round);
}

/* 0.4 % is within what is tolerated, for hours. */
static void test_good_clocks(void **state)
{
	static const double ppm[] = {0, 200, -200, 4000, -4000};

	(void)state;
	for (size_t i = 0; i < sizeof(ppm) / sizeof(ppm[0]); i++) {
		struct clock_watch w = {0};
		struct facts facts = FACTS_INIT;

		for (uint32_t round = 1; round <= 100; round++)
			assert_false(see(&w, reading(60 * round, ppm[i], 0), round));
		assert_string_equal(w.why, "");
		assert_int_equal(w.wrong_round, 0);
		clock_watch_facts(&w, &facts);
		assert_close(atof(facts_get(&facts, "clock_rate")), 1 + ppm[i] / 1e6, 1e-6);
		assert_close(atof(facts_get(&facts, "clock_rate_worst")), 1 + ppm[i] / 1e6, 1e-5);
		assert_close(atof(facts_get(&facts, "clock_offset_change_ns")),
			     99 * 60 * ppm[i] * 1e3, 1e4);
		assert_string_equal(facts_get(&facts, "clocksource_end"), "tsc");
		assert_null(facts_get(&facts, "clock_wrong"));
		facts_release(&facts);
	}
}

static void test_wrong_rates(void **state)
{
	static const double ppm[] = {6000, -6000, 1e6, -999999, -3e6};

	(void)state;
	for (size_t i = 0; i < sizeof(ppm) / sizeof(ppm[0]); i++) {
		struct clock_watch w = {0};
		struct facts facts = FACTS_INIT;

		assert_false(see(&w, reading(0, ppm[i], 0), 1));
		assert_true(see(&w, reading(10, ppm[i], 0), 2));
		assert_non_null(strstr(w.why, "of the machine's"));
		/* Round 1 was measured with that clock; it is told once. */
		assert_int_equal(w.wrong_round, 1);
		assert_false(see(&w, reading(20, ppm[i], 0), 3));
		clock_watch_facts(&w, &facts);
		assert_non_null(strstr(facts_get(&facts, "clock_wrong"), "from round 1 on: the"));
		facts_release(&facts);
	}
}

/* After an hour a jump of a second is 0.03 % of all time, but a tenth of the last round's. */
static void test_jumps(void **state)
{
	static const int64_t jumps[] = {(int64_t)NS_PER_S, -(int64_t)NS_PER_S};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct clock_watch w = {0};

		for (uint32_t round = 1; round <= 360; round++)
			assert_false(see(&w, reading(10 * round, 0, 0), round));
		assert_true(see(&w, reading(3610, 0, jumps[i]), 361));
		assert_non_null(strstr(w.why, i ? "by 9.000000 s" : "by 11.000000 s"));
		assert_int_equal(w.wrong_round, 360);
		assert_close(w.worst_rate, i ? 0.9 : 1.1, 1e-9);
		/* It stays wrong, though it goes at the right rate again. */
		assert_false(see(&w, reading(3620, 0, jumps[i]), 362));
		assert_true(w.why[0] != '\0');
	}
}

/* What a slow way there and back hides is no proof. */
static void test_uncertainty(void **state)
{
	struct clock_watch w = {0};
	struct clock_reading first = reading(0, 0, 0), slow = reading(1, 30000, 0);
	double uncertainty;

	(void)state;
	first.round_trip_ns = slow.round_trip_ns = 50 * NS_PER_MS;
	assert_false(see(&w, first, 1));
	assert_close(clock_rate(&first, &slow, &uncertainty), 1.03, 1e-9);
	assert_close(uncertainty, 0.05, 1e-9);
	assert_false(see(&w, slow, 2));
	assert_true(see(&w, reading(60, 30000, 0), 3));
}

static void test_clocksource(void **state)
{
	struct clock_watch w = {0};
	struct clock_reading other = reading(10, 0, 0);

	(void)state;
	strcpy(other.clocksource, "hpet");
	assert_false(see(&w, reading(0, 0, 0), 1));
	assert_true(see(&w, other, 2));
	assert_string_equal(w.why, "the clocksource changed from tsc to hpet");
}

/* A layer that answered once, or twice in no time, tells nothing. */
static void test_no_time(void **state)
{
	struct clock_watch w = {0};
	struct facts facts = FACTS_INIT;

	(void)state;
	clock_watch_facts(&w, &facts);
	assert_false(see(&w, reading(5, 0, 0), 1));
	assert_false(see(&w, reading(5, 0, 0), 2));
	clock_watch_facts(&w, &facts);
	assert_int_equal(facts.count, 0);
	facts_release(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_clocks), cmocka_unit_test(test_wrong_rates),
		cmocka_unit_test(test_jumps),	    cmocka_unit_test(test_uncertainty),
		cmocka_unit_test(test_clocksource), cmocka_unit_test(test_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
