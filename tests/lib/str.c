/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/str.h"

static void test_copy(void **state)
{
	char to[8];

	(void)state;
	assert_ptr_equal(str_copy(to, sizeof(to), "1234567"), to);
	assert_string_equal(to, "1234567");
	assert_string_equal(str_copy(to, sizeof(to), "12345678"), "1234567");
	assert_string_equal(str_copy(to, sizeof(to), ""), "");
	assert_string_equal(str_copy(to, 1, "x"), "");
}

/* A character that does not fit as a whole is left out. */
static void test_copy_cuts_no_character(void **state)
{
	static const char text[] = "é×…\xf0\x9f\x90\xa7z";
	static const char *const cut[] = {"", "", "é", "é", "é×", "é×", "é×", "é×…"};
	char to[sizeof(text)];

	(void)state;
	for (size_t size = 1; size <= sizeof(cut) / sizeof(cut[0]); size++)
		assert_string_equal(str_copy(to, size, text), cut[size - 1]);
	assert_string_equal(str_copy(to, 11, text), "é×…");
	assert_string_equal(str_copy(to, 12, text), "é×…\xf0\x9f\x90\xa7");
	/* What was no UTF-8 before stays as it is. */
	assert_string_equal(str_copy(to, 4, "\x80\x80\x80\x80\x80"), "\x80\x80\x80");
	assert_string_equal(str_copy(to, 5, "\x80\x80\x80\x80\x80"), "\x80\x80\x80\x80");
}

/* Appending ends at the end of the array, however often it is done, and touches nothing behind. */
static void test_append(void **state)
{
	struct {
		char text[12];
		char behind[4];
	} a = {"", "end"};

	(void)state;
	for (int i = 0; i < 9; i++)
		str_addf(a.text, sizeof(a.text), "%s%d", i ? ", " : "", i);
	assert_string_equal(a.text, "0, 1, 2, 3,");
	assert_string_equal(a.behind, "end");
	a.text[0] = '\0';
	for (int i = 0; i < 9; i++)
		str_addf(a.text, sizeof(a.text), "…");
	assert_string_equal(a.text, "………");
	str_addf(a.text, sizeof(a.text), "12…");
	assert_string_equal(a.text, "………12");
	assert_string_equal(a.behind, "end");
}

static void test_fits_any(void **state)
{
	static const char *const none[] = {NULL}, *const some[] = {"cpu.*", "nop", NULL};

	(void)state;
	assert_true(str_fits_any("nop", NULL));
	assert_true(str_fits_any("nop", none));
	assert_true(str_fits_any("nop", some));
	assert_true(str_fits_any("cpu.int", some));
	assert_false(str_fits_any("cpu", some));
}

static void test_is_one_of(void **state)
{
	static const char *const names[] = {"nop", "clock", NULL};

	(void)state;
	assert_true(str_is_one_of("clock", names));
	assert_false(str_is_one_of("clocks", names));
	assert_false(str_is_one_of("", names));
	assert_false(str_is_one_of("nop", names + 2));
}

static void test_last_line(void **state)
{
	char line[8];

	(void)state;
	str_last_line("one\ntwo\r\n \t\n\n", line, sizeof(line));
	assert_string_equal(line, "two");
	str_last_line(" three", line, sizeof(line));
	assert_string_equal(line, " three");
	str_last_line("far too long", line, sizeof(line));
	assert_string_equal(line, "far too");
	str_last_line("\n \n", line, sizeof(line));
	assert_string_equal(line, "");
}

static bool is_long(const char *line, size_t len)
{
	return len > 3;
}

static void test_join_lines(void **state)
{
	char joined[16];

	(void)state;
	str_join_lines("\none\r\n \t\n  two\nthree", NULL, joined, sizeof(joined));
	assert_string_equal(joined, "one;   two; thr");
	str_join_lines("one\r\ntwos\nthree\n", is_long, joined, sizeof(joined));
	assert_string_equal(joined, "twos; three");
	str_join_lines("\n", NULL, joined, sizeof(joined));
	assert_string_equal(joined, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy),	   cmocka_unit_test(test_copy_cuts_no_character),
		cmocka_unit_test(test_append),	   cmocka_unit_test(test_fits_any),
		cmocka_unit_test(test_is_one_of),  cmocka_unit_test(test_last_line),
		cmocka_unit_test(test_join_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
