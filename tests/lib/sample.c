/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/sample.h"

static const char good[] =
	"3,1000,64000,52000000,10000000,00c0ffee00c0ffee,ok,warm-up; short batch";

static void test_round_trip(void **state)
{
	char line[SAMPLE_LINE];
	struct sample s = {.host_elapsed_ns = 9};
	struct err err;

	(void)state;
	assert_works(sample_parse_line(good, &s, &err), err);
	assert_int_equal(s.batch, 3);
	assert_int_equal(s.ops, 1000);
	assert_int_equal(s.bytes, 64000);
	assert_int_equal(s.elapsed_ns, 52000000);
	assert_int_equal(s.host_elapsed_ns, 0);
	assert_int_equal(s.steal_ns, 10000000);
	assert_true(s.digest == UINT64_C(0x00c0ffee00c0ffee));
	assert_int_equal(s.status, SAMPLE_OK);
	assert_string_equal(s.reason, "warm-up; short batch");
	assert_string_equal(sample_format_line(&s, line), good);
}

static void test_every_status(void **state)
{
	struct err err;

	(void)state;
	for (enum sample_status i = SAMPLE_OK; i <= SAMPLE_SUSPECT; i++) {
		enum sample_status back;

		assert_works(sample_parse_status(sample_status_name(i), &back, &err), err);
		assert_int_equal(back, i);
	}
	assert_null(sample_status_name((enum sample_status)99));
}

/* A row that is cut anywhere before its last field is refused, and leaves the sample alone. */
static void test_truncated(void **state)
{
	size_t reason = (size_t)(strstr(good, "warm-up") - good);
	struct sample s = {.batch = 77};
	char line[sizeof(good)];
	struct err err;

	(void)state;
	for (size_t len = 0; len < reason; len++) {
		memcpy(line, good, len);
		line[len] = '\0';
		assert_int_equal(sample_parse_line(line, &s, &err), -1);
		assert_int_equal(s.batch, 77);
	}
	memcpy(line, good, reason);
	line[reason] = '\0';
	assert_works(sample_parse_line(line, &s, &err), err);
	assert_string_equal(s.reason, "");
}

static void test_garbled(void **state)
{
	static const struct {
		const char *line, *complaint;
	} bad[] = {
		{"x,1,1,1,1,0000000000000000,ok,", "batch: "},
		{"1,-1,1,1,1,0000000000000000,ok,", "ops: "},
		{"1,1,99999999999999999999,1,1,0000000000000000,ok,", "bytes: "},
		{"1,1,1,1.5,1,0000000000000000,ok,", "elapsed_ns: "},
		{"1,1,1,1,,0000000000000000,ok,", "steal_ns: "},
		{"1,1,1,1,1,000000000000000,ok,", "digest: "},
		{"1,1,1,1,1,000000000000000G,ok,", "digest: "},
		{"1,1,1,1,1,0000000000000000,OK,", "status: "},
		{"1,1,1,1,1,0000000000000000,ok", "7 fields instead of 8"},
		{SAMPLE_LINE_HEADER, "batch: "},
	};
	struct sample s;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(sample_parse_line(bad[i].line, &s, &err), err, EXIT_USAGE,
			     bad[i].complaint);
}

static void test_too_long(void **state)
{
	char line[SAMPLE_LINE + 1];
	struct sample s;
	struct err err;

	(void)state;
	memset(line, '1', SAMPLE_LINE);
	line[SAMPLE_LINE] = '\0';
	assert_fails(sample_parse_line(line, &s, &err), err, EXIT_USAGE, "more than the 511");
}

static void test_reason_is_one_harmless_field(void **state)
{
	struct sample s = {0};
	char text[1000], line[SAMPLE_LINE];
	struct err err;

	(void)state;
	sample_set_reason(&s, "a,b \"c\"\nd\x7f");
	assert_string_equal(s.reason, "a,b 'c' d ");
	/* Commas are kept: quotes make it one field. */
	assert_string_equal(strchr(sample_format_line(&s, line), '"'), "\"a,b 'c' d \"");
	assert_works(sample_parse_line(line, &s, &err), err);
	assert_string_equal(s.reason, "a,b 'c' d ");
	memset(text, 'x', sizeof(text));
	text[999] = '\0';
	sample_set_reason(&s, "%s", text);
	assert_int_equal(strlen(s.reason), SAMPLE_REASON - 1);
	/* The longest numbers and the longest reason still make a line that is read back. */
	s.batch = s.ops = s.bytes = s.elapsed_ns = s.steal_ns = INT64_MAX;
	s.digest = UINT64_MAX;
	s.status = SAMPLE_SUSPECT;
	assert_works(sample_parse_line(sample_format_line(&s, line), &s, &err), err);
	assert_int_equal(strlen(s.reason), SAMPLE_REASON - 1);
}

static void test_repeats(void **state)
{
	static const char *const others[] = {"",
					     "repeats round ",
					     "repeats round 0",
					     "repeats round x",
					     "repeats round 3; warm-up",
					     "repeats round 99999999999",
					     "it repeats round 3"};
	struct sample s = {.reason = ""};
	char line[SAMPLE_LINE];
	struct err err;

	(void)state;
	sample_set_repeats(&s, 3);
	assert_string_equal(s.reason, "repeats round 3");
	assert_int_equal(sample_repeats(s.reason), 3);
	sample_set_reason(&s, SAMPLE_WARM_UP);
	sample_set_repeats(&s, 12);
	assert_string_equal(s.reason, "warm-up; repeats round 12");
	assert_int_equal(sample_repeats(s.reason), 12);
	/* A reason that fills its room makes way. */
	memset(s.reason, 'x', sizeof(s.reason) - 1);
	sample_set_repeats(&s, 2000000000);
	assert_int_equal(sample_repeats(s.reason), 2000000000);
	assert_works(sample_parse_line(sample_format_line(&s, line), &s, &err), err);
	assert_int_equal(sample_repeats(s.reason), 2000000000);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(sample_repeats(others[i]), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_every_status),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_garbled),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_reason_is_one_harmless_field),
		cmocka_unit_test(test_repeats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
