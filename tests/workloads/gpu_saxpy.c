/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, so that work can be left out and done wrong. */
#include "workloads/gpu/saxpy.c"

#include "tests/check.h"

static void start(struct state *s)
{
	const struct workload_env env = {.seed = 1};
	const uint64_t arg[PARAMS_MAX] = {[SIZE] = 64 << 10};
	struct err err;

	memset(s, 0, sizeof(*s));
	assert_works(setup(s, &env, arg, &err), err);
}

/* After `before` launches `left_out` are skipped, though counted; and two more follow. */
static uint64_t launch(uint64_t before, uint64_t left_out)
{
	struct state s;
	struct err err;
	uint64_t sum;

	start(&s);
	assert_works(run(&s, before, &err), err);
	s.gpu.tally.done += left_out;
	assert_works(run(&s, 2, &err), err);
	sum = digest(&s);
	gpu_teardown(&s);
	return sum;
}

static void test_work_left_out_is_found(void **state)
{
	(void)state;
	for (uint64_t before = 0; before < 5; before++)
		for (uint64_t left_out = 1; left_out < 5; left_out++)
			assert_true(launch(before, left_out) != launch(before + left_out, 0));
}

static void test_a_wrong_number_is_found(void **state)
{
	struct state s;
	struct err err;
	uint64_t right;

	(void)state;
	start(&s);
	assert_works(run(&s, 3, &err), err);
	right = digest(&s);
	s.host[s.program.count - 1]++;
	assert_works(s.gpu.backend->copy_to(s.gpu.device, s.program.y, s.host, 64 << 10, &err),
		     err);
	assert_true(digest(&s) != right);
	gpu_teardown(&s);
}

/* Whole numbers that a float holds, in each launch of a round. */
static void test_numbers_stay_exact(void **state)
{
	uint64_t factor = 1;

	(void)state;
	for (uint64_t i = 0; i < 2 * ROUND; i++) {
		factor += i * UP % ROUND >= DOWN ? -(uint64_t)DOWN : UP;
		assert_int_equal(factor, 1 + (i + 1) * UP % ROUND);
		assert_true(factor * (LIMIT - 1) < 1 << 24);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_work_left_out_is_found),
		cmocka_unit_test(test_a_wrong_number_is_found),
		cmocka_unit_test(test_numbers_stay_exact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
