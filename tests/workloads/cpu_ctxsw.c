/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, so that the second process can be found and ended. */
#include "workloads/cpu/ctxsw.c"

#include "tests/check.h"

static void test_partner_is_gone(void **state)
{
	const struct workload_env env = {.seed = 1};
	const uint64_t arg[PARAMS_MAX] = {PLACE_TOGETHER};
	struct sigaction after;
	struct state s = {0};
	struct err err;

	(void)state;
	assert_works(setup(&s, &env, arg, &err), err);
	assert_works(run(&s, 3, &err), err);
	assert_int_equal(kill(s.partner, SIGKILL), 0);
	assert_int_equal(waitpid(s.partner, NULL, 0), s.partner);
	s.partner = 0;
	assert_fails(run(&s, 3, &err), err, EXIT_MACHINE, "the second process is gone");
	teardown(&s);
	assert_int_equal(sigaction(SIGPIPE, NULL, &after), 0);
	assert_true(after.sa_handler == SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_partner_is_gone)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
