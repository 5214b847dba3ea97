/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/escape.h"

static void test_signs(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	escape_xml(&out, "<b a='1' c=\"2\">&amp;</b>");
	assert_string_equal(buf_str(&out),
			    "&lt;b a=&apos;1&apos; c=&quot;2&quot;&gt;&amp;amp;&lt;/b&gt;");
	buf_clear(&out);
	escape_xml(&out, "]]>");
	assert_string_equal(buf_str(&out), "]]&gt;");
	buf_release(&out);
}

static void test_rest_stays(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	escape_xml(&out, "");
	assert_string_equal(buf_str(&out), "");
	escape_xml(&out, "a\nb\t\x01 caf\xc3\xa9 \xff;#%`");
	assert_string_equal(buf_str(&out), "a\nb\t\x01 caf\xc3\xa9 \xff;#%`");
	buf_release(&out);
}

static void test_backslash(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	escape_backslash(&out, "a|b\\ *c* <d> \xc3\xa9", ESCAPE_MARKDOWN);
	assert_string_equal(buf_str(&out), "a\\|b\\\\ \\*c\\* \\<d\\> \xc3\xa9");
	buf_clear(&out);
	escape_backslash(&out, "say \"x\"", "\"\\");
	assert_string_equal(buf_str(&out), "say \\\"x\\\"");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_signs),
					   cmocka_unit_test(test_rest_stays),
					   cmocka_unit_test(test_backslash)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
