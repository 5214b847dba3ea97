/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <errno.h>

static void test_sentence(void **state)
{
	struct err err = {0};

	(void)state;
	assert_int_equal(err_set(&err, EXIT_USAGE, "%s: %d", "x", 7), -1);
	assert_int_equal(err.code, EXIT_USAGE);
	assert_string_equal(err.text, "x: 7");
	/* Its own text may be an argument. */
	err_set(&err, EXIT_MACHINE, "(%s)", err.text);
	assert_string_equal(err.text, "(x: 7)");
}

static void test_errno(void **state)
{
	struct err err = {0};

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, EXIT_INTERNAL, "cannot open %s", "a"), -1);
	assert_string_equal(err.text, "cannot open a: No such file or directory");
}

static void test_context_keeps_the_code(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, EXIT_MACHINE, "no disk");
	assert_int_equal(err_context(&err, "L%d", 2), -1);
	assert_int_equal(err.code, EXIT_MACHINE);
	assert_string_equal(err.text, "L2: no disk");
}

static void test_long_text_is_cut(void **state)
{
	char text[3000];
	struct err err = {0};

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&err, EXIT_INTERNAL, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_context(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentence),
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_context_keeps_the_code),
		cmocka_unit_test(test_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
