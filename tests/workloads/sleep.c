/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, with sleeps that end as the test wants. */
#include <time.h>

static int go_to_sleep(clockid_t clock, int flags, const struct timespec *until,
		       struct timespec *left);
static int read_clock(clockid_t clock, struct timespec *now);
#define clock_nanosleep go_to_sleep
#define clock_gettime read_clock
#include "workloads/control/sleep.c"
#undef clock_nanosleep
#undef clock_gettime

#include "tests/check.h"

static struct timespec clock_now_is = {.tv_sec = 1};
static const int64_t *late_ns; /* of each sleep to come */
static int refusal;

static int read_clock(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = clock_now_is;
	return 0;
}

static int go_to_sleep(clockid_t clock, int flags, const struct timespec *until,
		       struct timespec *left)
{
	int64_t ns = until->tv_sec * (int64_t)NS_PER_S + until->tv_nsec + *late_ns++;

	(void)clock;
	(void)flags;
	(void)left;
	clock_now_is = (struct timespec){.tv_sec = ns / (int64_t)NS_PER_S,
					 .tv_nsec = ns % (int64_t)NS_PER_S};
	return refusal;
}

static void start(struct state *s)
{
	const struct workload_env env = {.seed = 1};
	const uint64_t arg[PARAMS_MAX] = {[PERIOD] = 50};
	struct err err;

	memset(s, 0, sizeof(*s));
	refusal = 0;
	assert_works(setup(s, &env, arg, &err), err);
}

/* Every duration lies in one class, and the classes follow each other without a gap. */
static void test_classes(void **state)
{
	(void)state;
	for (uint32_t class = 0; class + 1 < CLASSES; class ++) {
		assert_int_equal(class_of(class_end(class)), class);
		assert_int_equal(class_of(class_end(class) + 1), class + 1);
	}
	assert_int_equal(class_of(UINT64_MAX), CLASSES - 1);
	/* No class is wider than 1/16 of what is in it. */
	for (uint32_t class = SPLIT; class < CLASSES; class ++)
		assert_true(class_end(class) - class_end(class - 1) <= class_end(class) / SPLIT);
}

static void test_percentiles(void **state)
{
	int64_t late[200];
	struct sample_latency found;
	struct state s;
	struct err err;

	(void)state;
	/* 1 … 200, the largest first: half are up to 100 and 198 of them up to 198. */
	for (int i = 0; i < 200; i++)
		late[i] = 200 - i;
	late_ns = late;
	start(&s);
	assert_works(run(&s, 200, &err), err);
	assert_int_equal(percentile(&s, 50), 103); /* 100 … 103 are one class */
	assert_int_equal(percentile(&s, 99), 199);
	assert_int_equal(percentile(&s, 100), 200);
	found = latency(&s);
	assert_int_equal(found.p50_ns, 103);
	assert_int_equal(found.p99_ns, 199);
	assert_int_equal(found.max_ns, 200);
	/* Another batch is seen by itself. */
	late[0] = 7;
	late_ns = late;
	assert_works(run(&s, 1, &err), err);
	found = latency(&s);
	assert_int_equal(found.p50_ns, 7);
	assert_int_equal(found.max_ns, 7);
	teardown(&s);
}

static void test_failures(void **state)
{
	const int64_t early[] = {-3}, in_time[] = {0};
	struct state s;
	struct err err;

	(void)state;
	start(&s);
	late_ns = early;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE, "came back 3 ns too early");
	late_ns = in_time;
	refusal = EINVAL;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE, "failed: Invalid argument");
	teardown(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_percentiles),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
