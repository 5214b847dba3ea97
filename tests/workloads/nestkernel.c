/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program itself, run as an agent and as a user would. */
#include "tests/check.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/sample.h"

#define PROGRAM TEST_BINARY_DIR "/nestkernel"
#define RUN(out, err, ...)                                                                         \
	child_run((const char *const[]){PROGRAM, __VA_ARGS__, NULL}, NULL, NULL, 30 * NS_PER_S,    \
		  out, err)

/* Splits what was printed into rows behind the header; returns how many. */
static size_t rows_of(struct buf *out, struct sample *row, size_t most)
{
	size_t count = 0;
	char *rest, *line = strtok_r(out->data, "\n", &rest);
	struct err err;

	assert_non_null(line);
	assert_string_equal(line, SAMPLE_LINE_HEADER);
	while ((line = strtok_r(NULL, "\n", &rest))) {
		assert_true(count < most);
		assert_works(sample_parse_line(line, &row[count++], &err), err);
	}
	return count;
}

static void test_batches(void **state)
{
	struct buf out = BUF_INIT;
	struct sample row[8];
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "cpu.int", "--ops", "1000", "--batches", "3", "--warm-up=2",
			 "--cpus", "0"),
		     err);
	assert_int_equal(rows_of(&out, row, 8), 5);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(row[i].batch, i + 1);
		assert_int_equal(row[i].ops, 1000);
		assert_true(row[i].elapsed_ns > 0);
		assert_int_equal(row[i].status, SAMPLE_OK);
		assert_int_equal((row[i].flags & SAMPLE_WARM_UP) != 0, i < 2);
	}
	/* The known answer of cpu.int. */
	assert_true(row[0].digest == UINT64_C(0x72c216a8ca21e981));
	buf_release(&out);
}

/* The count was found with a state of its own: the digest is that of the same count given by --ops.
 */
static void test_time(void **state)
{
	struct buf out = BUF_INIT;
	struct sample row[2], again[2];
	char ops[32];
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "mem.chase", "size=1MiB", "--time", "2ms", "--batches", "2",
			 "--warm-up", "0"),
		     err);
	assert_int_equal(rows_of(&out, row, 2), 2);
	assert_true(row[0].ops > 1000);
	buf_clear(&out);
	snprintf(ops, sizeof(ops), "%lu", (unsigned long)row[0].ops);
	assert_works(RUN(&out, &err, "mem.chase", "size=1MiB", "--ops", ops, "--batches", "2",
			 "--warm-up", "0"),
		     err);
	assert_int_equal(rows_of(&out, again, 2), 2);
	assert_true(again[1].digest == row[1].digest);
	buf_release(&out);
}

static void test_calibrate(void **state)
{
	struct buf out = BUF_INIT;
	struct sample row;
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "nop", "--calibrate", "--time", "1ms"), err);
	assert_int_equal(rows_of(&out, &row, 1), 1);
	assert_int_equal(row.batch, 0);
	assert_true(row.ops > 1000);
	assert_string_equal(row.reason, "calibration");
	buf_release(&out);
}

static void test_scratch(void **state)
{
	char *dir = test_dir_make(), path[300];
	struct buf out = BUF_INIT;
	struct sample row[2];
	struct err err;

	(void)state;
	snprintf(path, sizeof(path), "%s/scratch", dir);
	assert_works(RUN(&out, &err, "--scratch", path, "--fill", "1MiB"), err);
	assert_works(RUN(&out, &err, "io.fsync", "--scratch", path, "--ops", "3", "--batches", "2",
			 "--warm-up", "0"),
		     err);
	assert_int_equal(rows_of(&out, row, 2), 2);
	assert_int_equal(row[1].bytes, 3 * 4096);
	buf_clear(&out);
	/* It cannot be opened: a row with the reason, and no error. */
	snprintf(path, sizeof(path), "%s/no/such", dir);
	assert_works(RUN(&out, &err, "io.fsync", "--scratch", path), err);
	assert_int_equal(rows_of(&out, row, 2), 1);
	assert_int_equal(row[0].status, SAMPLE_SKIP);
	assert_non_null(strstr(row[0].reason, "cannot open the scratch"));
	buf_clear(&out);
	assert_fails(RUN(&out, &err, "--scratch", path, "--fill", "1MiB"), err, EXIT_INTERNAL,
		     "exit code 2: nestkernel: cannot open");
	buf_release(&out);
	test_dir_remove(dir);
}

static void test_bad_usage(void **state)
{
	static const struct {
		const char *word[3], *complaint;
	} bad[] = {
		{{"mem.chas"},
		 "exit code 2: nestkernel: there is no workload \"mem.chas\" (did you mean "
		 "\"mem.chase\"?"},
		{{"mem.chase", "size=3"}, "exit code 2: nestkernel: mem.chase: parameter size"},
		{{"nop", "--batches", "0"}, "exit code 2: nestkernel: --batches: \"0\" is not"},
		{{"nop", "--time", "50"}, "exit code 2: nestkernel: --time: \"50\" is not a time"},
		{{"mem.chase", "threads=2"}, "is no parameter here, but the option --threads"},
		{{"nop", "--frobnicate"}, "exit code 2: nestkernel: there is no option"},
		{{"nop", "--cpus", "1-"}, "exit code 2: nestkernel: --cpus: "},
		{{"nop", "--cpus", ","}, "exit code 2: nestkernel: --cpus: \",\" names no CPU"},
		{{"nop", "--cpus", "0,1023"},
		 "exit code 3: nestkernel: --cpus: not all of the CPUs"},
		{{"nop", "--cpus", "1023"},
		 "exit code 3: nestkernel: --cpus: cannot run on the CPUs"},
		{{"nop", "--fill", "1MiB"}, "exit code 2: nestkernel: --fill needs --scratch"},
		{{"nop", "--calibrate", "--ops=1"}, "exclude each other"},
		{{"nop", "--threads=1025"}, "--threads: \"1025\" is not a whole number"},
		{{"capacity.memory", "--threads=2"}, "capacity.memory runs once at a time"},
		{{"--"}, "exit code 2: nestkernel: nestkernel needs a workload"},
	};
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(RUN(&out, &err, bad[i].word[0], bad[i].word[1], bad[i].word[2]), err,
			     EXIT_INTERNAL, bad[i].complaint);
	buf_release(&out);
}

static void test_talk(void **state)
{
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "--help"), err);
	assert_memory_equal(buf_str(&out), "Examples:\n", 10);
	assert_non_null(strstr(buf_str(&out), "--lockstep"));
	buf_clear(&out);
	assert_works(RUN(&out, &err, "--version"), err);
	assert_memory_equal(buf_str(&out), "nestkernel ", 11);
	buf_clear(&out);
	assert_works(RUN(&out, &err, "--list"), err);
	assert_non_null(strstr(buf_str(&out), "mem.chase        memory latency"));
	assert_non_null(strstr(buf_str(&out), "size=8KiB…1TiB  the working set"));
	buf_release(&out);
}

static void test_full_disk(void **state)
{
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	if (access("/dev/full", W_OK) < 0)
		skip();
	assert_fails(
		child_run((const char *const[]){"sh", "-c",
						"exec " PROGRAM " nop --ops 1 > /dev/full", NULL},
			  NULL, NULL, 30 * NS_PER_S, &out, &err),
		err, EXIT_INTERNAL, "exit code 1: nestkernel: cannot write to standard output");
	buf_release(&out);
}

/* One line of a child, without its newline. */
static void read_line(struct child *c, char line[SAMPLE_LINE])
{
	size_t len = 0;

	while (len < SAMPLE_LINE - 1 && read(c->out, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
}

static int end_of(struct child *c)
{
	int status = -1;

	assert_int_equal(child_wait(c, 10 * NS_PER_S, &status), 1);
	child_stop(c, 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void start(struct child *c, const char *a, const char *b, const char *d)
{
	const char *const argv[] = {PROGRAM,	 "--lockstep", "--ops", "100", "--batches", "3",
				    "--warm-up", "0",	       a,	b,     d,	    NULL};
	char line[SAMPLE_LINE];
	struct err err;

	assert_works(child_start(c, argv, NULL, &err), err);
	read_line(c, line);
	assert_string_equal(line, SAMPLE_LINE_HEADER);
}

static void test_lockstep(void **state)
{
	struct child c = CHILD_NONE;
	char line[SAMPLE_LINE];
	struct sample s;
	struct err err;

	(void)state;
	start(&c, "cpu.int", NULL, NULL);
	read_line(&c, line);
	assert_string_equal(line, "ready");
	for (uint64_t batch = 1; batch <= 3; batch++) {
		assert_int_equal(write(c.in, "go\n", 3), 3);
		read_line(&c, line);
		assert_works(sample_parse_line(line, &s, &err), err);
		assert_int_equal(s.batch, batch);
	}
	assert_int_equal(end_of(&c), 0);
}

static void test_lockstep_calibrate(void **state)
{
	const char *const argv[] = {PROGRAM, "--lockstep", "--calibrate", "--time",
				    "1ms",   "nop",	   NULL};
	struct child c = CHILD_NONE;
	char line[SAMPLE_LINE];
	struct sample s;
	struct err err;

	(void)state;
	assert_works(child_start(&c, argv, NULL, &err), err);
	read_line(&c, line);
	read_line(&c, line);
	assert_string_equal(line, "ready");
	assert_int_equal(write(c.in, "go\n", 3), 3);
	read_line(&c, line);
	assert_works(sample_parse_line(line, &s, &err), err);
	assert_true(s.ops > 100);
	assert_int_equal(end_of(&c), 0);
}

/* The caller goes away between two batches: a silent end. It sends a malformed line: an error. */
static void test_lockstep_ends(void **state)
{
	struct child c = CHILD_NONE;
	char line[SAMPLE_LINE];

	(void)state;
	start(&c, "mem.chase", "size=1MiB", NULL);
	read_line(&c, line);
	close(c.in);
	c.in = -1;
	assert_int_equal(end_of(&c), 0);

	start(&c, "nop", NULL, NULL);
	read_line(&c, line);
	assert_int_equal(write(c.in, "stay\n", 5), 5);
	assert_int_equal(end_of(&c), EXIT_USAGE);
}

/* It cannot run: the row comes in place of "ready". */
static void test_lockstep_skip(void **state)
{
	struct child c = CHILD_NONE;
	char line[SAMPLE_LINE];
	struct sample s;
	struct err err;

	(void)state;
	start(&c, "io.fsync", "--scratch", "/no/such/scratch");
	read_line(&c, line);
	assert_works(sample_parse_line(line, &s, &err), err);
	assert_int_equal(s.status, SAMPLE_SKIP);
	assert_int_equal(end_of(&c), 0);
}

#ifdef NESTKERNEL_STATIC
/* A copy of the static program in a folder of its own; `beside` is the content of its -dl. */
static void copy_program(const char *to, const char *beside)
{
	struct buf out = BUF_INIT;
	char path[300];
	struct err err;

	assert_works(child_run((const char *const[]){"cp", PROGRAM, to, NULL}, NULL, NULL,
			       30 * NS_PER_S, &out, &err),
		     err);
	buf_release(&out);
	snprintf(path, sizeof(path), "%s-dl", to);
	unlink(path);
	if (beside) {
		assert_works(file_write_whole(path, beside, strlen(beside), &err), err);
		assert_int_equal(chmod(path, 0755), 0);
	}
}

/* A workload that needs a library runs in the dynamic program, with the same words; others do
 * not. */
static void test_hand_over(void **state)
{
	char *dir = test_dir_make(), program[280];
	const char *const opencl[] = {program, "gpu.launch", "backend=opencl", "--ops", "1", NULL};
	const char *const stub[] = {program, "gpu.launch", "backend=stub", "--ops", "1", NULL};
	struct buf out = BUF_INIT;
	struct sample row[16];
	struct err err;

	(void)state;
	snprintf(program, sizeof(program), "%s/program", dir);
	copy_program(program, "#!/bin/sh\necho \"${0##*/} has $*\"\n");
	assert_works(child_run(opencl, NULL, NULL, 30 * NS_PER_S, &out, &err), err);
	assert_string_equal(buf_str(&out), "program-dl has gpu.launch backend=opencl --ops 1\n");
	buf_clear(&out);
	assert_works(child_run(stub, NULL, NULL, 30 * NS_PER_S, &out, &err), err);
	assert_int_equal(rows_of(&out, row, 16), 11);
	assert_int_equal(row[0].status, SAMPLE_OK);
	buf_clear(&out);
	/* Mistakes are found before. */
	assert_fails(child_run((const char *const[]){program, "gpu.launch", "backend=opencl",
						     "size=1", NULL},
			       NULL, NULL, 30 * NS_PER_S, &out, &err),
		     err, EXIT_INTERNAL, "exit code 2: nestkernel: gpu.launch: \"size=1\"");
	buf_clear(&out);
	/* Without the dynamic program the row has the reason. */
	copy_program(program, NULL);
	assert_works(child_run(opencl, NULL, NULL, 30 * NS_PER_S, &out, &err), err);
	assert_int_equal(rows_of(&out, row, 16), 1);
	assert_int_equal(row[0].status, SAMPLE_SKIP);
	assert_non_null(strstr(row[0].reason, "statically linked"));
	buf_release(&out);
	test_dir_remove(dir);
}
#endif

/* The real ones: whether there is a device or not, it is not for want of a dynamic program. */
static void test_dynamic_program(void **state)
{
	struct buf out = BUF_INIT;
	struct sample row[16];
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "gpu.launch", "backend=opencl", "--ops", "1"), err);
	assert_true(rows_of(&out, row, 16) > 0);
	assert_true(row[0].status == SAMPLE_OK || row[0].status == SAMPLE_SKIP);
	assert_null(strstr(row[0].reason, "statically linked"));
	buf_release(&out);
}

/* A peer as an agent starts one: it prints its address, serves, and ends with its input. */
static void test_serve_net(void **state)
{
	const char *const argv[] = {PROGRAM, "--serve-net", "127.0.0.1:0", NULL};
	struct child c = CHILD_NONE;
	char line[SAMPLE_LINE], where[SAMPLE_LINE + 8];
	struct buf out = BUF_INIT;
	struct sample row[2];
	struct err err;

	(void)state;
	assert_works(child_start(&c, argv, NULL, &err), err);
	read_line(&c, line);
	assert_int_equal(strncmp(line, "serving 127.0.0.1:", 18), 0);
	assert_string_not_equal(line, "serving 127.0.0.1:0");
	assert_works(RUN(&out, &err, "net.rr", "--net-peer", line + 8, "--ops", "20", "--batches",
			 "2", "--warm-up", "0"),
		     err);
	assert_int_equal(rows_of(&out, row, 2), 2);
	assert_int_equal(row[1].status, SAMPLE_OK);
	snprintf(where, sizeof(where), "peer %s", line + 8);
	assert_string_equal(row[1].reason, where);
	buf_clear(&out);
	/* The place is taken. */
	assert_fails(RUN(&out, &err, "--serve-net", line + 8), err, EXIT_INTERNAL,
		     "exit code 3: nestkernel: cannot serve on 127.0.0.1:");
	close(c.in);
	c.in = -1;
	assert_int_equal(end_of(&c), 0);
	buf_clear(&out);
	/* It is gone: a skip row says so. */
	assert_works(RUN(&out, &err, "net.rr", "--net-peer", line + 8, "--ops", "1"), err);
	assert_int_equal(rows_of(&out, row, 2), 1);
	assert_int_equal(row[0].status, SAMPLE_SKIP);
	assert_non_null(strstr(row[0].reason, "cannot reach the parent layer"));
	buf_clear(&out);
	assert_fails(RUN(&out, &err, "--serve-net", "nowhere"), err, EXIT_INTERNAL,
		     "exit code 2: nestkernel: \"nowhere\" is not an address");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_calibrate),
		cmocka_unit_test(test_scratch),
		cmocka_unit_test(test_bad_usage),
		cmocka_unit_test(test_talk),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_lockstep),
		cmocka_unit_test(test_lockstep_calibrate),
		cmocka_unit_test(test_lockstep_ends),
		cmocka_unit_test(test_lockstep_skip),
#ifdef NESTKERNEL_STATIC
		cmocka_unit_test(test_hand_over),
#endif
		cmocka_unit_test(test_dynamic_program),
		cmocka_unit_test(test_serve_net),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
