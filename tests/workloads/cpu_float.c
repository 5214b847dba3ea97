/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included to compare both of its variants with plain C. */
#include "workloads/cpu/float.c"

#include "tests/check.h"

static void start(struct state *s, uint64_t seed, enum isa isa)
{
	const struct workload_env env = {.seed = seed};
	const uint64_t arg[PARAMS_MAX] = {isa};
	struct err err;

	memset(s, 0, sizeof(*s));
	if (probe_isa(isa, &err) < 0)
		skip();
	assert_works(setup(s, &env, arg, &err), err);
}

static void test_fused_bits(void **state)
{
	struct state s;
	double x[NUMBERS];
	struct err err;

	(void)state;
	start(&s, 7, ISA_FMA);
	memcpy(x, s.x, sizeof(x));
	assert_works(run(&s, 12345, &err), err);
	for (int i = 0; i < 12345; i++)
		for (int k = 0; k < NUMBERS; k++)
			x[k] = fma(-x[k], x[k], C);
	assert_memory_equal(s.x, x, sizeof(x));
}

static void test_sse2_bits(void **state)
{
	struct state s;
	double x[NUMBERS];
	struct err err;

	(void)state;
	start(&s, 7, ISA_SSE2);
	memcpy(x, s.x, sizeof(x));
	assert_works(run(&s, 12345, &err), err);
	for (int i = 0; i < 12345; i++)
		for (int k = 0; k < SSE2_CHAINS * SSE2_LANES; k++) {
			volatile double square = x[k] * x[k];

			x[k] = C - square;
		}
	assert_memory_equal(s.x, x, sizeof(x));
}

static void stay_alive(enum isa isa, int numbers)
{
	struct state s;
	struct err err;

	start(&s, 1, isa);
	assert_works(run(&s, 3000000, &err), err);
	for (int i = 0; i < numbers; i++) {
		assert_true(s.x[i] >= -1.72 && s.x[i] <= 1.9);
		for (int k = 0; k < i; k++)
			assert_true(s.x[i] != s.x[k]);
	}
}

/* No infinities, no fixed point: after many steps all chains still differ and are in the range. */
static void test_fma_stays_alive(void **state)
{
	(void)state;
	stay_alive(ISA_FMA, NUMBERS);
}

static void test_sse2_stays_alive(void **state)
{
	(void)state;
	stay_alive(ISA_SSE2, SSE2_CHAINS * SSE2_LANES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fused_bits),
		cmocka_unit_test(test_sse2_bits),
		cmocka_unit_test(test_fma_stays_alive),
		cmocka_unit_test(test_sse2_stays_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
