/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/clock.h"

static uint64_t stand_still(void *ctx)
{
	return *(uint64_t *)ctx;
}

static uint64_t tick(void *ctx)
{
	return *(uint64_t *)ctx += 40;
}

/* Shows the time in steps of 1000 ns, every reading costs 100. */
static uint64_t coarse(void *ctx)
{
	return (*(uint64_t *)ctx += 100) / 1000 * 1000;
}

static void test_quality(void **state)
{
	uint64_t now = 5;
	struct clock_quality q;

	(void)state;
	q = clock_measure(&(struct clock){.now_ns = stand_still, .ctx = &now});
	assert_int_equal(q.resolution_ns, 1);
	assert_int_equal(q.cost_ns, 1);
	q = clock_measure(&(struct clock){.now_ns = tick, .ctx = &now});
	assert_int_equal(q.resolution_ns, 40);
	assert_int_equal(q.cost_ns, 40);
	q = clock_measure(&(struct clock){.now_ns = coarse, .ctx = &now});
	assert_int_equal(q.resolution_ns, 1000);
	assert_in_range(q.cost_ns, 99, 101);
}

static void test_machine(void **state)
{
	struct clock_quality q = clock_measure(&clock_machine);
	uint64_t last = 0;

	(void)state;
	assert_in_range(q.cost_ns, 1, NS_PER_MS);
	assert_in_range(q.resolution_ns, 1, 100 * NS_PER_MS);
	for (int i = 0; i < 1000; i++) {
		uint64_t now = clock_now(&clock_machine);

		assert_true(now >= last);
		last = now;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quality),
		cmocka_unit_test(test_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
