/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, so that its threads can be expected to find something else. */
#include "workloads/capacity/cpus.c"

#include "tests/check.h"

int __real_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set);
int __wrap_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set);

static bool refused;

int __wrap_sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set)
{
	return refused ? -1 : __real_sched_setaffinity(pid, bytes, set);
}

/* What is found then may be of fewer CPUs, as the system moves the threads. */
static void test_not_pinned(void **state)
{
	const struct workload_env env = {.seed = 1};
	struct state s = {0};
	struct err err;

	(void)state;
	assert_works(setup(&s, &env, NULL, &err), err);
	assert_works(run(&s, 1, &err), err);
	assert_null(strstr(note(&s), AFFINITY_REFUSED));
	refused = true;
	assert_works(run(&s, 1, &err), err);
	refused = false;
	assert_non_null(strstr(note(&s), AFFINITY_REFUSED));
	teardown(&s);
}

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
	teardown(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_miscalculated),
		cmocka_unit_test(test_not_pinned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
