/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "lib/sample.h"

static const char good[] =
	"3,1000,64000,52000000,10000000,7,8,9,00c0ffee00c0ffee,warm-up short,ok,a note";

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
	assert_int_equal(s.latency.p50_ns, 7);
	assert_int_equal(s.latency.p99_ns, 8);
	assert_int_equal(s.latency.max_ns, 9);
	assert_int_equal(s.flags, SAMPLE_WARM_UP | SAMPLE_SHORT);
	assert_string_equal(s.reason, "a note");
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
	for (enum sample_unit i = SAMPLE_NS_PER_OP; i <= SAMPLE_CPUS; i++) {
		enum sample_unit back;

		assert_works(sample_parse_unit(sample_unit_name(i), &back, &err), err);
		assert_int_equal(back, i);
	}
	assert_null(sample_unit_name((enum sample_unit)3));
	for (unsigned i = 0; i < 32; i++) {
		char text[SAMPLE_FLAGS_TEXT];
		unsigned back;

		assert_works(sample_parse_flags(sample_format_flags(i, text), &back, &err), err);
		assert_int_equal(back, i);
	}
}

static void test_costs(void **state)
{
	const struct sample s = {.ops = 4, .elapsed_ns = 10, .bytes = 1500};

	(void)state;
	assert_true(sample_cost(&s, SAMPLE_NS_PER_OP) == 2.5);
	assert_true(sample_cost(&s, SAMPLE_BYTES) == 1500);
	assert_true(sample_cost(&s, SAMPLE_CPUS) == 1.5);
}

/* A row that is cut anywhere before its last field is refused, and leaves the sample alone. */
static void test_truncated(void **state)
{
	size_t reason = (size_t)(strstr(good, "a note") - good);
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
		{"x,1,1,1,1,0,0,0,0000000000000000,,ok,", "batch: "},
		{"1,-1,1,1,1,0,0,0,0000000000000000,,ok,", "ops: "},
		{"1,1,99999999999999999999,1,1,0,0,0,0000000000000000,,ok,", "bytes: "},
		{"1,1,1,1.5,1,0,0,0,0000000000000000,,ok,", "elapsed_ns: "},
		{"1,1,1,1,,0,0,0,0000000000000000,,ok,", "steal_ns: "},
		{"1,1,1,1,1,0,0,0,000000000000000,,ok,", "digest: "},
		{"1,1,1,1,1,0,0,0,000000000000000G,,ok,", "digest: "},
		{"1,1,1,1,1,0,0,0,0000000000000000,,OK,", "status: "},
		{"1,1,1,1,1,0,0,0,0000000000000000,,ok", "11 fields instead of 12"},
		{"1,1,1,1,1,x,0,0,0000000000000000,,ok,", "p50_ns: "},
		{"1,1,1,1,1,3,2,4,0000000000000000,,ok,", "3, 2, 4 are not in ascending order"},
		{"1,1,1,1,1,1,2,1,0000000000000000,,ok,", "1, 2, 1 are not in ascending order"},
		{"1,1,1,1,1,0,0,0,0000000000000000,warmup,ok,", "flags: \"warmup\" is none"},
		{"1,1,1,1,1,0,0,0,0000000000000000,short  warm-up,ok,", "flags: \"\" is none"},
		{"1,1,1,1,1,0,0,0,0000000000000000,short ,ok,", "flags: \"\" is none"},
		{"1,1,1,1,1,0,0,0,0000000000000000, short,ok,", "flags: \"\" is none"},
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
	assert_fails(sample_parse_line(line, &s, &err), err, EXIT_USAGE, "more than the 639");
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
	s.latency = (struct sample_latency){INT64_MAX, INT64_MAX, INT64_MAX};
	s.flags = 31;
	s.digest = UINT64_MAX;
	s.status = SAMPLE_SUSPECT;
	assert_works(sample_parse_line(sample_format_line(&s, line), &s, &err), err);
	assert_int_equal(strlen(s.reason), SAMPLE_REASON - 1);
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
		cmocka_unit_test(test_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
