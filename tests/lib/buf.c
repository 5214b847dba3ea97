/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

static void test_grows(void **state)
{
	struct buf b = BUF_INIT;
	struct err err;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%03d,", i);
	assert_int_equal(b.len, 4000);
	assert_memory_equal(buf_str(&b) + 3996, "999,", 5);
	assert_works(buf_check(&b, &err), err);
	buf_clear(&b);
	assert_string_equal(buf_str(&b), "");
	buf_addstr(&b, "again");
	assert_string_equal(buf_str(&b), "again");
	buf_release(&b);
	buf_release(&b);
}

static void test_bytes(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	buf_add(&b, "a\0b", 3);
	buf_add(&b, NULL, 0);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
	buf_release(&b);
}

static void test_take(void **state)
{
	struct buf b = BUF_INIT;
	char *text;

	(void)state;
	text = buf_take(&b); /* nothing appended: an empty string all the same */
	assert_string_equal(text, "");
	free(text);
	buf_addstr(&b, "x");
	text = buf_take(&b);
	assert_string_equal(text, "x");
	assert_null(b.data);
	free(text);
}

static void test_failure_sticks(void **state)
{
	struct buf b = BUF_INIT;
	struct err err;

	(void)state;
	buf_addstr(&b, "kept");
	b.failed = true; /* as after a failed realloc */
	buf_addstr(&b, "lost");
	assert_string_equal(buf_str(&b), "kept");
	assert_fails(buf_check(&b, &err), err, EXIT_INTERNAL, "out of memory");
	assert_null(buf_take(&b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_failure_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
