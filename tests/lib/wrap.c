/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/wrap.h"

static void test_wrap(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(text_columns("8KiB…1TiB"), 9);
	text_wrap(&out, "- ", "one two three", 8);
	assert_string_equal(buf_str(&out), "- one\n  two\n  three\n");
	buf_clear(&out);
	/* What is wider than a line stands alone; the width counts columns, not bytes. */
	text_wrap(&out, "", "a much-too-long-word ×××× ××××", 9);
	assert_string_equal(buf_str(&out), "a\nmuch-too-long-word\n×××× ××××\n");
	buf_clear(&out);
	text_wrap(&out, "- ", "", 8);
	assert_string_equal(buf_str(&out), "- \n");
	buf_release(&out);
}

static void test_reflow(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	text_reflow(&out, "One two\nthree four five.\n  a table,  as it is\n\nSix\nseven.", 14);
	assert_string_equal(buf_str(&out),
			    "One two three\nfour five.\n  a table,  as it is\n\nSix seven.\n");
	buf_clear(&out);
	text_reflow(&out, "", 14);
	assert_string_equal(buf_str(&out), "");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_reflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
