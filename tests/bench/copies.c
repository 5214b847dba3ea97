/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "bench/session/copies.h"

static struct sample sample(uint64_t elapsed_ns, uint64_t digest)
{
	return (struct sample){.batch = 1, .ops = 10, .elapsed_ns = elapsed_ns, .digest = digest};
}

static void test_one_is_itself(void **state)
{
	struct sample s = sample(100, 7);
	struct copies t;
	struct err err;

	(void)state;
	s.flags = SAMPLE_WARM_UP;
	copies_start(&t, 1, 1);
	assert_false(copies_full(&t));
	assert_works(copies_add(&t, 0, &s, &err), err);
	assert_true(copies_full(&t));
	assert_int_equal(copies_sample(&t).flags, SAMPLE_WARM_UP);
	assert_int_equal(copies_sample(&t).fastest_ns, 0);
	assert_int_equal(copies_sample(&t).elapsed_ns, 100);
}

static void test_the_slowest_counts(void **state)
{
	static const uint64_t elapsed[] = {300, 100, 500, 200};
	struct copies t;
	struct err err;

	(void)state;
	copies_start(&t, 2, 2);
	for (int i = 0; i < 4; i++) {
		struct sample s = sample(elapsed[i], 7);

		assert_false(copies_full(&t));
		assert_works(copies_add(&t, i / 2, &s, &err), err);
	}
	assert_true(copies_full(&t));
	assert_int_equal(copies_sample(&t).elapsed_ns, 500);
	assert_int_equal(copies_sample(&t).ops, 10);
	assert_int_equal(copies_sample(&t).digest, 28);
	assert_int_equal(copies_sample(&t).fastest_ns, 100);
}

static void test_bad(void **state)
{
	struct sample s = sample(100, 7);
	struct copies t;
	struct err err;

	(void)state;
	copies_start(&t, 2, 1);
	assert_fails(copies_add(&t, 2, &s, &err), err, EXIT_INTERNAL, "more rows");
	assert_fails(copies_add(&t, -1, &s, &err), err, EXIT_INTERNAL, "more rows");
	assert_false(copies_has_all(&t, 0));
	assert_works(copies_add(&t, 0, &s, &err), err);
	assert_true(copies_has_all(&t, 0));
	assert_false(copies_has_all(&t, 2));
	assert_fails(copies_add(&t, 0, &s, &err), err, EXIT_INTERNAL, "more rows");
	assert_false(copies_full(&t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_is_itself),
		cmocka_unit_test(test_the_slowest_counts),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
