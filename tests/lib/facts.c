/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/facts.h"

static void test_set_and_get(void **state)
{
	struct facts f = FACTS_INIT;

	(void)state;
	assert_null(facts_get(&f, "accel"));
	facts_set(&f, "accel", "%s", "tcg");
	facts_set(&f, "vcpus", "%d", 2);
	facts_set(&f, "accel", "%s (was %s)", "kvm", facts_get(&f, "accel"));
	assert_int_equal(f.count, 2);
	assert_string_equal(f.item[0].key, "accel");
	assert_string_equal(facts_get(&f, "accel"), "kvm (was tcg)");
	assert_string_equal(facts_get(&f, "vcpus"), "2");
	assert_false(f.failed);
	facts_release(&f);
	assert_int_equal(f.count, 0);
	facts_release(&f);
}

static void test_one_line(void **state)
{
	struct facts f = FACTS_INIT;

	(void)state;
	facts_set(&f, "reason", "a\nb\tc\x7f");
	assert_string_equal(facts_get(&f, "reason"), "a b c ");
	facts_set(&f, "empty", "%s", "");
	assert_string_equal(facts_get(&f, "empty"), "");
	facts_release(&f);
}

/* Each is found, as it was set last, and they stay in the order in which they came. */
static void test_many(void **state)
{
	enum { MANY = 50000 };
	struct facts f = FACTS_INIT;
	char key[40], value[40];

	(void)state;
	for (int turn = 0; turn < 2; turn++)
		for (int i = 0; i < MANY; i++) {
			snprintf(key, sizeof(key), "round.%d.noise", i);
			facts_set(&f, key, "%d", i + turn);
		}
	assert_false(f.failed);
	assert_int_equal(f.count, MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(key, sizeof(key), "round.%d.noise", i);
		snprintf(value, sizeof(value), "%d", i + 1);
		assert_string_equal(f.item[i].key, key);
		assert_string_equal(facts_get(&f, key), value);
	}
	assert_null(facts_get(&f, "round.50000.noise"));
	facts_release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_get),
		cmocka_unit_test(test_one_line),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
