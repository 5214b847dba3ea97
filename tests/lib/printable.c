/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/printable.h"

static void test_texts(void **state)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"", ""},
		{"plain ~text", "plain ~text"},
		{"\033[31mred\a\r\n\t\x7f", "?[31mred?????"},
		{"caf\xc3\xa9 \xe2\x80\xa6 \xf0\x9f\x98\x80",
		 "caf\xc3\xa9 \xe2\x80\xa6 \xf0\x9f\x98\x80"},
		{"c1 \xc2\x9b"
		 "31m \xc2\x80 \xc2\xa0",
		 "c1 ??31m ?? \xc2\xa0"},
		{"alone \x9b"
		 "31m \xff\xfe",
		 "alone ?31m ??"},
		{"overlong \xc0\x9b \xe0\x80\x9b \xf0\x80\x80\x9b", "overlong ?? ??? ????"},
		{"surrogate \xed\xa0\x80 beyond \xf4\x90\x80\x80", "surrogate ??? beyond ????"},
		{"direction \xe2\x80\xae \xe2\x81\xa6 \xe2\x80\xa8", "direction ??? ??? ???"},
		{"cut \xe2\x80", "cut ??"},
		{"cut \xc3", "cut ?"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *copy = strdup(cases[i].text);

		assert_non_null(copy);
		assert_int_equal(is_printable(copy), strcmp(copy, cases[i].shown) == 0);
		assert_string_equal(printable(copy), cases[i].shown);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
