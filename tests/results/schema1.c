/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Run directories of schema 1, whose rows say what they are by their name and reason. The two in
 * schema1/ were measured by the last nestbench that wrote them (the first was interrupted, resumed
 * and disturbed); their golden files are what it printed.
 */
#include "tests/check.h"

#include "results/compare/compare.h"
#include "results/rundir/rows.h"
#include "results/summary/summary.h"
#include "results/table/table.h"

/* The latest row that was read. */
struct kept {
	struct row row;
	char class[ROW_WORKLOAD], remark[SAMPLE_REASON];
	size_t rows;
};

static int keep_row(void *ctx, const struct row *row, struct err *err)
{
	struct kept *k = ctx;

	(void)err;
	k->row = *row;
	snprintf(k->class, sizeof(k->class), "%s", row->class);
	snprintf(k->remark, sizeof(k->remark), "%s", row->remark);
	k->rows++;
	return 0;
}

/* Reads one row of schema 1 after another one, whose values must not remain in the reader. */
static void read_one(const char *workload, const char *reason, struct kept *k)
{
	struct damage damage = {0};
	struct buf text = BUF_INIT;
	struct rows_reader rows;
	struct csv_reader *r;
	struct err err;

	*k = (struct kept){.rows = 0};
	rows_reader_init(&rows, keep_row, k);
	r = csv_reader_new(ROWS_FILE, &rows_ops, &rows, &damage, &err);
	assert_non_null(r);
	buf_addf(&text,
		 SCHEMA1_HEADER
		 "\nr,1,1,1,0,capacity.cpus,,1,1,10,0,5,6,0,00000000000000ff,ok,"
		 "warm-up; short batch; p50 1 ns p99 2 ns max 3 ns; the fastest took 7 ns; x; "
		 "repeats round 9\n"
		 "r,1,12,1,0,%s,,1,1,10,0,5,6,0,00000000000000ff,ok,",
		 workload);
	csv_add_field(&text, reason);
	buf_addstr(&text, "\n");
	assert_works(csv_reader_feed(r, text.data, text.len, &err), err);
	assert_works(csv_reader_finish(r, &err), err);
	csv_reader_free(r);
	buf_release(&text);
	assert_int_equal(damage.count, 0);
	assert_int_equal(k->rows, 2);
	assert_true(k->row.is_schema1);
}

static void test_reasons(void **state)
{
	enum { WARM_UP = SAMPLE_WARM_UP, SHORT = SAMPLE_SHORT, TOLD = SAMPLE_SELF_REPORTED };
	static const struct {
		const char *reason, *remark;
		unsigned flags;
		uint32_t repeats;
		uint64_t fastest, p50, p99, max;
	} cases[] = {
		{"", "", 0, 0, 0, 0, 0, 0},
		{"warm-up", "", WARM_UP, 0, 0, 0, 0, 0},
		{"stub: a, 'device'; zstd 1", "stub: a, 'device'; zstd 1", 0, 0, 0, 0, 0, 0},
		{"short batch; a note; the slowest of 4; the fastest took 7 ns; repeats round 3",
		 "a note", SHORT, 3, 7, 0, 0, 0},
		{"warm-up; p50 52.5 us p99 80.0 us max 1.25 ms; note", "note", WARM_UP, 0, 0, 52500,
		 80000, 1250000},
		{"as told by the program", "as told by the program", TOLD, 0, 0, 0, 0, 0},
		{"p50 1 ns p99 2.00 s max 2.50 min", "", 0, 0, 0, 1, 2000000000, 150000000000},
		{"p50 0 ns p99 0 ns max 0 ns", "", 0, 0, 0, 0, 0, 0},
		{"p50 3 us p99 2 us max 5 us", "p50 3 us p99 2 us max 5 us", 0, 0, 0, 0, 0, 0},
		{"p50 nan us p99 2 us max 5 us", "p50 nan us p99 2 us max 5 us", 0, 0, 0, 0, 0, 0},
		{"p50 -1 us p99 2 us max 5 us", "p50 -1 us p99 2 us max 5 us", 0, 0, 0, 0, 0, 0},
		{"p50 1 us p99 2 us max 5 h", "p50 1 us p99 2 us max 5 h", 0, 0, 0, 0, 0, 0},
		{"p50 1 us p99 2 us max 9e15 min", "p50 1 us p99 2 us max 9e15 min", 0, 0, 0, 0, 0,
		 0},
		{"p50 1 us p99 2 us max 5 us x", "p50 1 us p99 2 us max 5 us x", 0, 0, 0, 0, 0, 0},
		{"p50 1 us p99 2 us max 5", "p50 1 us p99 2 us max 5", 0, 0, 0, 0, 0, 0},
		{"repeats round 12", "", 0, 12, 0, 0, 0, 0},
		{"warm-up; repeats round 2147483647", "", WARM_UP, 2147483647, 0, 0, 0, 0},
		{"repeats round ", "", 0, 0, 0, 0, 0, 0},
		{"repeats round 0", "", 0, 0, 0, 0, 0, 0},
		{"repeats round x", "", 0, 0, 0, 0, 0, 0},
		{"repeats round 99999999999", "", 0, 0, 0, 0, 0, 0},
		{"repeats round 3; note", "note", 0, 0, 0, 0, 0, 0}, /* the last part counts */
		{"it repeats round 3", "it repeats round 3", 0, 0, 0, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct sample *s;
		struct kept k;

		print_message("%s\n", cases[i].reason);
		read_one("nop", cases[i].reason, &k);
		s = &k.row.sample;
		assert_string_equal(k.remark, cases[i].remark);
		assert_string_equal(s->reason, cases[i].reason);
		assert_int_equal(s->flags, cases[i].flags);
		assert_int_equal(k.row.repeats, cases[i].repeats);
		assert_int_equal(s->fastest_ns, cases[i].fastest);
		assert_int_equal(s->latency.p50_ns, cases[i].p50);
		assert_int_equal(s->latency.p99_ns, cases[i].p99);
		assert_int_equal(s->latency.max_ns, cases[i].max);
	}
}

/* Every workload that there was. */
static void test_names(void **state)
{
	enum { RATE = 0, WAIT = SAMPLE_LATENCY, IOPS = SAMPLE_LATENCY | SAMPLE_IOPS };
	static const struct {
		const char *names[16], *class;
		enum sample_unit unit;
		unsigned flags;
	} cases[] = {
		{{"nop", "clock", "inject"}, "control", SAMPLE_NS_PER_OP, RATE},
		{{"sleep"}, "control", SAMPLE_NS_PER_OP, WAIT},
		{{"boot.layer"}, "boot", SAMPLE_NS_PER_OP, RATE},
		{{"cpu.branch", "cpu.float", "cpu.int", "cpu.scale", "cpu.sha256", "cpu.sort"},
		 "cpu",
		 SAMPLE_NS_PER_OP,
		 RATE},
		{{"cpu.ctxsw", "cpu.exec", "cpu.fork", "cpu.futex", "cpu.syscall", "cpu.thread"},
		 "cpu",
		 SAMPLE_NS_PER_OP,
		 WAIT},
		{{"exit.cpuid", "exit.hlt", "exit.hypercall", "exit.mmio", "exit.pio"},
		 "exit",
		 SAMPLE_NS_PER_OP,
		 WAIT},
		{{"mem.map", "mem.protect", "mem.read", "mem.stream", "mem.tlb"},
		 "mem",
		 SAMPLE_NS_PER_OP,
		 RATE},
		{{"mem.chase", "mem.fault"}, "mem", SAMPLE_NS_PER_OP, WAIT},
		{{"io.create", "io.fsync", "io.seqread", "io.seqwrite"},
		 "io",
		 SAMPLE_NS_PER_OP,
		 WAIT},
		{{"io.randread", "io.randwrite"}, "io", SAMPLE_NS_PER_OP, IOPS},
		{{"net.rr", "net.stream"}, "net", SAMPLE_NS_PER_OP, WAIT},
		{{"gpu.copy", "gpu.matmul", "gpu.offload", "gpu.saxpy"},
		 "gpu",
		 SAMPLE_NS_PER_OP,
		 RATE},
		{{"gpu.launch"}, "gpu", SAMPLE_NS_PER_OP, WAIT},
		{{"app.build", "app.compress", "app.sqlite", "command"},
		 "app",
		 SAMPLE_NS_PER_OP,
		 RATE},
		{{"capacity.memory", "capacity.disk"}, "capacity", SAMPLE_BYTES, RATE},
		{{"capacity.cpus"}, "capacity", SAMPLE_CPUS, RATE},
		{{"later"}, "later", SAMPLE_NS_PER_OP, RATE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (const char *const *name = cases[i].names; *name; name++) {
			struct kept k;

			print_message("%s\n", *name);
			read_one(*name, "", &k);
			assert_string_equal(k.class, cases[i].class);
			assert_int_equal(k.row.unit, cases[i].unit);
			assert_int_equal(k.row.sample.flags, cases[i].flags);
		}
}

/* A header with a part of the new columns is of neither schema. */
static void test_mixed_header(void **state)
{
	static const char *const headers[] = {SCHEMA1_HEADER ",class\n", SCHEMA1_HEADER ",flags\n",
					      SCHEMA1_HEADER ",unit,class,repeats\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		struct damage damage = {0};
		struct kept k = {.rows = 0};
		struct err err;
		struct rows_reader rows;
		struct csv_reader *r = csv_reader_new(ROWS_FILE, &rows_ops, &rows, &damage, &err);

		assert_non_null(r);
		rows_reader_init(&rows, keep_row, &k);
		assert_fails(csv_reader_feed(r, headers[i], strlen(headers[i]), &err), err,
			     EXIT_USAGE, "samples.csv:1: the header has no column \"");
		csv_reader_free(r);
	}
}

/* Rows are never added to such a file. */
static void test_not_appended_to(void **state)
{
	char *dir = test_dir_make(), *path = NULL;
	struct csv_writer w;
	struct err err;

	(void)state;
	assert_true(asprintf(&path, "%s/" ROWS_FILE, dir) > 0);
	assert_works(file_write_whole(path, SCHEMA1_HEADER "\n", sizeof(SCHEMA1_HEADER), &err),
		     err);
	assert_fails(rows_writer_open(&w, dir, &err), err, EXIT_USAGE, "nothing is added to it");
	free(path);
	test_dir_remove(dir);
}

static void check_run(const char *name, uint64_t rows, uint64_t hash)
{
	struct buf text = BUF_INIT;
	struct summary s;
	struct err err;
	char dir[512], golden[128];

	snprintf(dir, sizeof(dir), "%s/results/schema1/%s", TEST_SOURCE_DIR, name);
	assert_works(summary_build(dir, &s, &err), err);
	assert_int_equal(s.damage.count, 0);
	assert_int_equal(s.manifest.format, 1);
	/* A history that an older nestbench made knows the run by these. */
	assert_int_equal(s.rows, rows);
	assert_true(s.rows_hash == hash);
	summary_format(&s, &text);
	snprintf(golden, sizeof(golden), "results/golden/schema1-%s-summary.csv", name);
	assert_golden(golden, buf_str(&text));
	buf_clear(&text);
	classes_format(&s, &text);
	snprintf(golden, sizeof(golden), "results/golden/schema1-%s-classes.csv", name);
	assert_golden(golden, buf_str(&text));
	buf_clear(&text);
	table_format(&s, &text);
	snprintf(golden, sizeof(golden), "results/golden/schema1-%s.txt", name);
	assert_golden(golden, buf_str(&text));
	buf_release(&text);
	summary_release(&s);
}

static void test_runs(void **state)
{
	(void)state;
	check_run("before", 380, UINT64_C(0x0c0c57061785815b));
	check_run("after", 194, UINT64_C(0x16b19bf6ad4dc794));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reasons),	     cmocka_unit_test(test_names),
		cmocka_unit_test(test_mixed_header), cmocka_unit_test(test_not_appended_to),
		cmocka_unit_test(test_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
