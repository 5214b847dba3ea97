/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included to reach both of its ways, one of which this machine would never choose.
 */
#include "workloads/cpu_float.c"

#include "tests/check.h"

static void test_same_bits(void **state)
{
	const struct workload_env env = {.seed = 7};
	struct state hardware = {0}, library = {0};
	struct err err;

	(void)state;
	assert_works(setup(&hardware, &env, NULL, &err), err);
	if (!hardware.hardware)
		skip();
	assert_null(note(&hardware));
	library = hardware;
	library.hardware = 0;
	assert_string_equal(note(&library), "fma() of the C library: no FMA3 here");
	assert_works(run(&hardware, 12345, &err), err);
	assert_works(run(&library, 12345, &err), err);
	assert_memory_equal(hardware.x, library.x, sizeof(library.x));
	assert_true(digest(&hardware) == digest(&library));
}

/* No infinities, no fixed point: after many steps all chains still differ and lie in the range. */
static void test_stays_alive(void **state)
{
	const struct workload_env env = {.seed = 1};
	struct state s = {0};
	struct err err;

	(void)state;
	assert_works(setup(&s, &env, NULL, &err), err);
	assert_works(run(&s, 3000000, &err), err);
	for (int i = 0; i < CHAINS * LANES; i++) {
		assert_true(s.x[i] >= -1.72 && s.x[i] <= 1.9);
		for (int k = 0; k < i; k++)
			assert_true(s.x[i] != s.x[k]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_bits),
		cmocka_unit_test(test_stays_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
