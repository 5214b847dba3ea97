/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, so that its query can be made to fail. */
#include "workloads/app/sqlite.c"

#include "tests/check.h"

static int stop(void *ctx)
{
	(void)ctx;
	return 1;
}

/* The count of transactions alone is no proof of them. */
static void test_query_that_fails(void **state)
{
	const struct workload_env env = {.seed = 1};
	const uint64_t arg[PARAMS_MAX] = {[STORE] = MEMORY, [ROWS] = 10};
	struct state s = {0};
	struct err err;

	(void)state;
	assert_works(setup(&s, &env, arg, &err), err);
	assert_works(run(&s, 5, &err), err);
	assert_true(digest(&s) != 0);
	sqlite3_progress_handler(s.db, 1, stop, NULL);
	assert_int_equal(digest(&s), 0);
	sqlite3_progress_handler(s.db, 0, NULL, NULL);
	teardown(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_query_that_fails)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
