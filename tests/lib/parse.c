/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/clock.h"
#include "lib/parse.h"

static void test_u64(void **state)
{
	static const char *const bad[] = {"",	   " 1",  "1 ",	 "+1", "-1",
					  "0x10",  "1.0", "1e3", "4",  "18446744073709551616",
					  "eleven"};
	struct err err;
	uint64_t n = 77;

	(void)state;
	assert_works(parse_u64("0", "n", 0, 3, &n, &err), err);
	assert_int_equal(n, 0);
	assert_works(parse_u64("18446744073709551615", "n", 0, UINT64_MAX, &n, &err), err);
	assert_true(n == UINT64_MAX);
	n = 77;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(parse_u64(bad[i], "--rounds", 0, 3, &n, &err), err, EXIT_USAGE,
			     "--rounds: ");
	assert_int_equal(n, 77);
	assert_non_null(strstr(err.text, "\"eleven\" is not a whole number from 0 to 3"));
}

static void test_size(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {{"0", 0},
		    {"1536", 1536},
		    {"1KiB", 1024},
		    {"64MiB", 64 << 20},
		    {"3GiB", UINT64_C(3) << 30},
		    {"1TiB", UINT64_C(1) << 40}};
	static const char *const bad[] = {"",	  "MiB", "1MB",		"1 MiB", "1.5MiB",
					  "1mib", "-1",	 "20000000TiB", "1KiB2"};
	char text[SIZE_TEXT];
	struct err err;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_works(parse_size(good[i].text, "size", 0, UINT64_MAX, &n, &err), err);
		assert_true(n == good[i].bytes);
		assert_string_equal(format_size(n, text), good[i].text);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(parse_size(bad[i], "size", 0, UINT64_MAX, &n, &err), err, EXIT_USAGE,
			     "size: ");
	assert_fails(parse_size("1MiB", "size", 1, 1 << 19, &n, &err), err, EXIT_USAGE,
		     "from 1 to 512KiB");
}

static void test_duration(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} good[] = {{"1ns", 1},		  {"50ms", 50 * NS_PER_MS}, {"3us", 3000},
		    {"2s", 2 * NS_PER_S}, {"10m", 600 * NS_PER_S},  {"1h", 3600 * NS_PER_S}};
	static const char *const bad[] = {"",	 "5",	 "5 s",	 "s",
					  "-1s", "1.5s", "1sec", "99999999999h"};
	struct err err;
	uint64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_works(parse_duration_ns(good[i].text, "t", 0, UINT64_MAX, &n, &err), err);
		assert_true(n == good[i].ns);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(parse_duration_ns(bad[i], "--time", 0, UINT64_MAX, &n, &err), err,
			     EXIT_USAGE, "--time: ");
}

static void test_double(void **state)
{
	static const char *const bad[] = {"",	   "inf", "nan", "0x1p3", "1,5",
					  "1e999", "2",	  " 1",	 "e"};
	struct err err;
	double x;

	(void)state;
	assert_works(parse_double("-0.25", "x", -1, 1, &x, &err), err);
	assert_close(x, -0.25, 0);
	assert_works(parse_double("1e-320", "x", 0, 1, &x, &err), err); /* denormal: fine */
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(parse_double(bad[i], "x", -1, 1, &x, &err), err, EXIT_USAGE, "x: ");
}

static void test_short_forms(void **state)
{
	char text[SIZE_TEXT];

	(void)state;
	assert_string_equal(format_size_short(1000, text), "1000 B");
	assert_string_equal(format_size_short(UINT64_C(3) << 29, text), "1.50 GiB");
	assert_string_equal(format_duration_short(0.5, text), "0.50 ns");
	assert_string_equal(format_duration_short(13.2e6, text), "13.2 ms");
	assert_string_equal(format_duration_short(600e9, text), "10.0 min");
}

static void test_matches(void **state)
{
	(void)state;
	assert_true(parse_matches("a*", "ab"));
	assert_true(parse_matches("a*", "a"));
	assert_false(parse_matches("a*", "ba"));
	assert_true(parse_matches("*_ns", "boot_ns"));
	assert_false(parse_matches("*_ns", "ns"));
	assert_true(parse_matches("*", ""));
	assert_false(parse_matches("a", "ab"));
	assert_false(parse_matches("", "a"));
}

static void test_has_word(void **state)
{
	const char text[] = "avx2 svm avx fma";

	(void)state;
	assert_true(parse_has_word(text, NULL, "avx2"));
	assert_true(parse_has_word(text, NULL, "avx"));
	assert_true(parse_has_word(text, NULL, "fma"));
	assert_false(parse_has_word(text, NULL, "fm"));
	assert_false(parse_has_word(text, NULL, "vx"));
	assert_false(parse_has_word("", NULL, "avx"));
	/* Behind the end there is nothing, and a word that ends there is whole. */
	assert_false(parse_has_word(text, text + 8, "avx"));
	assert_true(parse_has_word(text, text + 8, "svm"));
	assert_true(parse_has_word(text, text + 3, "avx"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_u64),	    cmocka_unit_test(test_size),
		cmocka_unit_test(test_duration),    cmocka_unit_test(test_double),
		cmocka_unit_test(test_short_forms), cmocka_unit_test(test_matches),
		cmocka_unit_test(test_has_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
