/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/utf8.h"

/* Bytes, and how they are written. */
static const struct {
	const char *bytes, *escaped;
} cases[] = {
	{"", ""},
	{"/tmp/a b", "/tmp/a b"},
	{"caf\xc3\xa9 \xf0\x9f\x98\x80", "caf\xc3\xa9 \xf0\x9f\x98\x80"},
	{"caf\xe9", "caf\\xe9"},
	{"\xff\xfe", "\\xff\\xfe"},
	{"cut \xe2\x80", "cut \\xe2\\x80"},
	{"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
	{"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
	/* What reads like an escape must come back as it was. */
	{"\\xff", "\\x5cxff"},
	{"\\\\xff", "\\\\x5cxff"},
	{"\\x5cxff", "\\x5cx5cxff"},
	{"\\x00", "\\x5cx00"},
	{"\\\xff", "\\\\xff"},
	{"\\x\xff", "\\x\\xff"},
	{"\\xf\xff", "\\xf\\xff"},
	{"\\xFF \\n \\d+ \\", "\\xFF \\n \\d+ \\"},
};

static void test_escape(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT;

		utf8_escape(&out, cases[i].bytes);
		assert_string_equal(buf_str(&out), cases[i].escaped);
		buf_addstr(&out, "");
		assert_string_equal(utf8_unescape(out.data), cases[i].bytes);
		buf_release(&out);
	}
}

/* All texts of four of the characters that an escape is made of. */
static void test_every_text_comes_back(void **state)
{
	static const char letters[] = "\\x5cf\xff\xc3\xa9";
	const size_t n = sizeof(letters) - 1;

	(void)state;
	for (size_t i = 0; i < n * n * n * n * n; i++) {
		char text[6] = {0};
		struct buf out = BUF_INIT;

		for (size_t k = 0, rest = i; k < 5; k++, rest /= n)
			text[k] = letters[rest % n];
		utf8_escape(&out, text);
		assert_int_equal(utf8_check(buf_str(&out), "text", &(struct err){0}), 0);
		assert_string_equal(utf8_unescape(out.data), text);
		buf_release(&out);
	}
}

static void test_check(void **state)
{
	struct err err = {0};

	(void)state;
	assert_works(utf8_check("caf\xc3\xa9 \\xff", "--out", &err), err);
	assert_works(utf8_check("", "--out", &err), err);
	assert_fails(utf8_check("caf\xe9s", "--out", &err), err, EXIT_USAGE,
		     "--out: byte 4 is \\xe9, which is not UTF-8");
	assert_fails(utf8_check("a\033[m", "--out", &err), err, EXIT_USAGE,
		     "--out: byte 2 is \\x1b, a control character");
	assert_fails(utf8_check("\xc2\x9b", "--out", &err), err, EXIT_USAGE, "control character");
}

static void test_bom(void **state)
{
	(void)state;
	assert_int_equal(utf8_bom("\xef\xbb\xbfx", 4), 3);
	assert_int_equal(utf8_bom("\xef\xbb\xbf", 2), 0);
	assert_int_equal(utf8_bom("run", 3), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_every_text_comes_back),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_bom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
