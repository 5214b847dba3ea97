/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The workload `command`, through nestkernel: any program as a workload.
 */
#include "tests/check.h"

#include <signal.h>
#include <sys/resource.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/sample.h"

/* Runs a command line once, with the option (NULL: none) and its pattern; the last row into *s. */
static void run(const char *line, const char *option, const char *pattern, struct sample *s)
{
	const char *const argv[] = {TEST_BINARY_DIR "/nestkernel",
				    "command",
				    "--ops",
				    "2",
				    "--batches",
				    "1",
				    "--warm-up",
				    "0",
				    "--command",
				    line,
				    option,
				    pattern,
				    NULL};
	struct buf out = BUF_INIT;
	struct err err;
	char *row;

	assert_works(child_run(argv, NULL, NULL, 20 * NS_PER_S, &out, &err), err);
	row = strchr(out.data, '\n') + 1;
	row[strcspn(row, "\n")] = '\0';
	assert_works(sample_parse_line(row, s, &err), err);
	buf_release(&out);
}

static void test_wall_time(void **state)
{
	struct sample s;

	(void)state;
	run("sleep 0.02", NULL, NULL, &s);
	assert_int_equal(s.status, SAMPLE_OK);
	assert_int_equal(s.ops, 2);
	assert_true(s.elapsed_ns >= 40 * NS_PER_MS);
}

/* The self-reported sum of two runs. */
static void is_told(const char *line, const char *option, const char *pattern, uint64_t ns)
{
	struct sample s;

	run(line, option, pattern, &s);
	if (s.status != SAMPLE_OK)
		fail_msg("%s: %s", line, s.reason);
	assert_int_equal(s.ops, 2);
	assert_int_equal(s.elapsed_ns, ns);
	assert_int_equal(s.flags, SAMPLE_SELF_REPORTED);
	assert_string_equal(s.reason, "self-reported");
}

/* Of a rate a row is the time of a million units: 500 s each at 2000 a second. */
static void test_rates(void **state)
{
	static const char iops[] = "IOPS=([0-9.]+)", bw[] = "BW=([0-9.]+)";

	(void)state;
	is_told("echo 'read: IOPS=2000, BW=8'", "--metric", iops, 2 * 500 * NS_PER_S);
	is_told("echo 'IOPS=2k'", "--metric", iops, 2 * 500 * NS_PER_S);
	is_told("echo 'BW=0.5KiB/s'", "--metric", bw, (uint64_t)(2e15 / 512));
	is_told("echo 'BW=500MiB/s'", "--metric", bw, 3814697);
	is_told("echo 'BW=900MiB/s'", "--metric", bw, 2119276);
	is_told("echo 'BW=12GiB/s'", "--metric", bw, 155220);
	is_told("echo 'IOPS=2000' >&2; echo done", "--metric", iops, 2 * 500 * NS_PER_S);
	is_told("echo 'IOPS=2000'; echo 'IOPS=1' >&2", "--metric", iops, 2 * 500 * NS_PER_S);
	is_told("echo 'frames: 0.002'", "--metric", "frames: ([0-9.]+)", 1000000000000000000);
}

static void test_times(void **state)
{
	static const char took[] = "took ([0-9.]+)";

	(void)state;
	is_told("echo 'took 0.25'", "--metric-seconds", took, 2 * 250 * NS_PER_MS);
	is_told("echo 'took 0.25 s'", "--metric-seconds", took, 2 * 250 * NS_PER_MS);
	is_told("echo 'took 250ms.'", "--metric-seconds", took, 2 * 250 * NS_PER_MS);
	is_told("echo 'took 250 usec'", "--metric-seconds", took, 2 * 250 * NS_PER_US);
	is_told("echo 'took 250µs'", "--metric-seconds", took, 2 * 250 * NS_PER_US);
	is_told("echo 'took 250ns'", "--metric-seconds", took, 2 * 250);
	is_told("echo 'took 2min'", "--metric-seconds", took, 240 * NS_PER_S);
	is_told("echo 'took 2 of 3'", "--metric-seconds", took, 4 * NS_PER_S);
}

/* Each run of a batch counts: 1000 and 3000 a second are 1500 on the whole. */
static void test_batches_are_averaged(void **state)
{
	char *dir = test_dir_make(), line[400];

	(void)state;
	snprintf(line, sizeof(line), "%s%s%s%s%s", "if mkdir ", dir,
		 "/first 2>/dev/null; then echo x=1000; else rmdir ", dir,
		 "/first; echo x=3000; fi");
	is_told(line, "--metric", "x=([0-9]+)", 1000 * NS_PER_S + 1000 * NS_PER_S / 3);
	is_told(line, "--metric-seconds", "x=([0-9]+)", 4000 * NS_PER_S);
	test_dir_remove(dir);
}

static void test_failures(void **state)
{
	static const struct {
		const char *line, *option, *pattern, *part;
	} cases[] = {
		{"echo oh no; exit 7", NULL, NULL, "exit code 7: oh no"},
		{"echo why >&2; echo what; exit 7", NULL, NULL, "exit code 7: why"},
		{"kill -9 $$", NULL, NULL, "signal 9"},
		{"sh -c 'kill -9 $$'; exit $?", NULL, NULL, "signal 9)"},
		{"no-such-program", NULL, NULL, "not found (a program that this layer"},
		{"echo hello", "--metric", "x=([0-9]+)", "is not found in: hello"},
		{"echo x=-1", "--metric", "x=([-0-9]+)", "not a number above 0"},
		{"echo x=nan", "--metric", "x=(.*)", "not a number above 0"},
		{"echo x=30T", "--metric", "x=([0-9]+)", "too much for a row in whole nanoseconds"},
		{"echo x=0.0001", "--metric", "x=([0-9.]+)", "a second is too little"},
		{"echo x=5ns", "--metric-seconds", "x=([0-9]+)", "s is too short for a row"},
		{"echo x=5k", "--metric-seconds", "x=([0-9]+)", "5k' is not a known time"},
		{"echo x=1", "--metric", "x=1", "one pair of parentheses"},
		{"echo x=1", "--metric", "x=(1", "is no pattern"},
		{"echo x=1", "--metric", "x=(1)|(2)", "one pair of parentheses"},
		{"echo x=1", "--metric", "(x)\\1", "back-reference"},
		{"echo x=1", "--metric", "x=(1++++++++++++++++++++++++++++)",
		 "repeats a repetition"},
		{"echo x=1", "--metric", "x=(1{50}2{3,50})", "more than 1000 times"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample s;

		run(cases[i].line, cases[i].option, cases[i].pattern, &s);
		assert_int_equal(s.status, SAMPLE_FAIL);
		if (!strstr(s.reason, cases[i].part))
			fail_msg("\"%s\" does not hold \"%s\"", s.reason, cases[i].part);
	}
}

/* Far more than any window holds, and the number last. */
static void test_late_metric(void **state)
{
	struct sample s;

	(void)state;
	run("yes 'progress: 1 of many' | head -c 3000000; echo; echo IOPS=2000; echo done >&2",
	    "--metric", "^IOPS=([0-9.]+)", &s);
	if (s.status != SAMPLE_OK)
		fail_msg("%s", s.reason);
	assert_int_equal(s.elapsed_ns, 2 * 500 * NS_PER_S);
}

/* A program that prints without end is ended, soon and in little memory; on stderr likewise. */
static void test_endless_output(void **state)
{
	static const char *const lines[] = {
		"yes", "yes >&2", "yes | tr -d '\\n'", "yes & wait",
		"trap '' PIPE TERM; while :; do head -c 1000000 /dev/zero; done"};
	struct rusage used;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct sample s;

		run(lines[i], i % 2 ? "--metric" : NULL, i % 2 ? "x=([0-9]+)" : NULL, &s);
		assert_int_equal(s.status, SAMPLE_FAIL);
		assert_string_equal(s.reason, "the command printed more than 16 MiB");
	}
	getrusage(RUSAGE_CHILDREN, &used);
	assert_true(used.ru_maxrss < 64 << 10);
	/* A command without output is waited for all the same, a background process is not. */
	for (int i = 0; i < 2; i++) {
		const char *line = i ? "exec >&- 2>&-; sleep 0.02" : "sleep 5 & sleep 0.02";
		struct sample s;

		run(line, NULL, NULL, &s);
		assert_int_equal(s.status, SAMPLE_OK);
		assert_true(s.elapsed_ns >= 40 * NS_PER_MS && s.elapsed_ns < 4 * NS_PER_S);
	}
}

/* A background process in another session is killed after the last run. */
static void test_left_behind(void **state)
{
	char *dir = test_dir_make(), line[300], path[300];
	struct buf pid = BUF_INIT;
	struct sample s;
	struct err err;

	(void)state;
	snprintf(line, sizeof(line), "setsid sh -c 'echo $$ >%s/pid; exec sleep 100' & sleep 0.1",
		 dir);
	snprintf(path, sizeof(path), "%s/pid", dir);
	run(line, NULL, NULL, &s);
	assert_int_equal(s.status, SAMPLE_OK);
	assert_works(file_read(path, 100, &pid, &err), err);
	assert_int_equal(kill((pid_t)strtol(buf_str(&pid), NULL, 10), 0), -1);
	buf_release(&pid);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wall_time),      cmocka_unit_test(test_rates),
		cmocka_unit_test(test_times),	       cmocka_unit_test(test_batches_are_averaged),
		cmocka_unit_test(test_failures),       cmocka_unit_test(test_late_metric),
		cmocka_unit_test(test_endless_output), cmocka_unit_test(test_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
