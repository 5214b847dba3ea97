/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, so that its threads can be expected to find something else. */
#include "workloads/capacity/cpus.c"

#include "tests/check.h"

static void test_miscalculated(void **state)
{
	const struct workload_env env = {.seed = 1};
	struct state s = {0};
	struct err err;

	(void)state;
	assert_works(setup(&s, &env, NULL, &err), err);
	assert_works(run(&s, 1, &err), err);
	s.answer++;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE, "1 of 1 threads came to a wrong answer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_miscalculated)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
