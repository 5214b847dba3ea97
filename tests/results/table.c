/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include "results/rundir/params.h"
#include "results/table/table.h"
#include "results/table/text.h"
#include "tests/results/make_run.h"

static void make_table(const struct made_run *run, const char *more_rows, struct buf *out)
{
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct summary s;
	struct err err;

	assert_works(make_run(dir, run, &err), err);
	if (more_rows) {
		FILE *f;

		snprintf(path, sizeof(path), "%s/samples.csv", dir);
		f = fopen(path, "a");
		assert_non_null(f);
		fputs(more_rows, f);
		fclose(f);
	}
	assert_works(summary_build(dir, &s, &err), err);
	table_format(&s, out);
	summary_release(&s);
	test_dir_remove(dir);
}

/* No line is wider than 100 columns, none ends in blanks, and nothing can steer a terminal. */
static void check_lines(const char *text)
{
	char line[512];

	while (*text) {
		size_t len = strcspn(text, "\n");

		assert_true(len < sizeof(line));
		memcpy(line, text, len);
		line[len] = '\0';
		if (text_columns(line) > 100)
			fail_msg("%zu columns: %s", text_columns(line), line);
		assert_true(len == 0 || line[len - 1] != ' ');
		for (size_t i = 0; i < len; i++)
			assert_true((unsigned char)line[i] >= ' ' && line[i] != 0x7f);
		text += len + 1;
	}
}

static void check_golden(const char *name, const struct made_run *run, const char *more_rows)
{
	struct buf text = BUF_INIT;

	make_table(run, more_rows, &text);
	check_lines(buf_str(&text));
	assert_golden(name, buf_str(&text));
	buf_release(&text);
}

static void test_emulated(void **state)
{
	(void)state;
	check_golden("results/golden/table-emulated.txt", &MADE_RUN, NULL);
}

/* L1 and L2 run by KVM, on a machine that QEMU emulates. */
static void test_emulated_machine(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.below_l0 = "TCGTCGTCGTCG";
	run.accel[1] = "kvm";
	check_golden("results/golden/table-emulated-machine.txt", &run, NULL);
}

static bool hardware(struct row *row)
{
	struct sample *s = &row->sample;
	static const double slower[] = {1, 1.05, 1.12};

	if (strncmp(row->workload, "cpu.", 4) == 0)
		s->elapsed_ns = (uint64_t)(slower[row->layer] * 1e6 * (1 + 0.001 * row->round));
	if (strcmp(row->workload, "io.fsync") == 0 && row->layer == 2) {
		s->status = SAMPLE_FAIL;
		s->ops = 0;
		sample_set_reason(
			s, "fdatasync: Input/output error on the layer's scratch disk; which is "
			   "a long story that has to be broken into lines");
	}
	if (strcmp(row->workload, "gpu.offload") == 0)
		s->digest += row->layer;
	if (strcmp(row->workload, "mem.chase") == 0 && row->layer == 1 && s->batch == 2) {
		s->status = SAMPLE_SUSPECT;
		sample_set_reason(s, "the layer's clock ran 0.7 per cent slow");
	}
	return true;
}

static void test_troubled(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.edit = hardware;
	run.accel[1] = "kvm";
	run.host_is_vm = false;
	run.state = RUN_INTERRUPTED;
	run.boots = 3;
	check_golden("results/golden/table-troubled.txt", &run,
		     "garbage,\033[2J\nr,1,1,1,0,nop,control,ns/op,,1,0,1,-5,0,0,0,0,0,0,0,0,"
		     "0000000000000000,,ok,\nr,1,1");
}

static void test_deep(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.depth = 5;
	run.rounds = 3;
	check_golden("results/golden/table-deep.txt", &run, NULL);
}

static bool only_l0(struct row *row)
{
	return row->layer == 0;
}

static bool nothing_timed(struct row *row)
{
	row->sample.status = SAMPLE_SKIP;
	row->sample.ops = 0;
	sample_set_reason(&row->sample, "not here");
	return row->sample.batch == 1;
}

static void check_says(const struct made_run *run, const char *said)
{
	struct buf text = BUF_INIT;

	make_table(run, NULL, &text);
	check_lines(buf_str(&text));
	if (!strstr(buf_str(&text), said))
		fail_msg("\"%s\" is not said by:\n%s", said, buf_str(&text));
	buf_release(&text);
}

static void test_little_data(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.depth = 0;
	check_says(&run, "Only L0 was measured");
	run.depth = 2;
	run.edit = only_l0;
	check_says(&run, "No workload was measured both in L0 and in a VM");
	run.edit = nothing_timed;
	check_says(&run, "no batch was measured");
	run.edit = NULL;
	run.rounds = 2;
	check_says(&run, "run with --rounds 6");
	run.rounds = 0;
	check_says(&run, "no batch was measured");
}

static void test_unknown_cpu(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.accel[1] = NULL;
	check_says(&run, "L1 unknown              L2 kvm on unknown CPU");
	check_says(&run, "L1: layers.csv does not say how it was accelerated");
	check_says(&run, "it is not known whether the CPU was emulated in L1, L2: these figures");
	run.accel[1] = "kvm";
	run.below_l0 = "";
	check_says(&run, "L1 kvm on unknown CPU   L2 kvm on unknown CPU");
	check_says(&run, "it is not known whether the CPU was emulated in L0, L1, L2: these");
}

static bool all_shrink(struct row *row)
{
	return strncmp(row->workload, "cpu.", 4) != 0;
}

static bool free_exits(struct row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && row->layer == 1)
		row->sample.elapsed_ns /= 100;
	return true;
}

/* An emulated CPU does not exit where L0, a VM, does: the table says so. */
static void test_cheaper_than_l0(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	run.edit = free_exits;
	check_says(&run,
		   "does not hold for exit: it costs less in L1 than in L0 (×0.180), since L0 is");
	run.host_is_vm = false;
	check_says(&run, "in L1 than in L0 (×0.180)\n");
}

static void test_overall(void **state)
{
	struct made_run run = MADE_RUN;

	(void)state;
	check_says(&run, "It DID NOT HOLD for 1 of the 5 kinds of work");
	check_says(&run, "does not hold for cpu: L2 keeps 99.");
	run.edit = all_shrink;
	check_says(&run, "It HELD in this run");
	run.rounds = 5;
	check_says(&run, "NOT RESOLVED");
}

/* The last variant's name is too long for any column. */
static bool rename_variants(struct row *row)
{
	static const char *const sizes[] = {"size=9KiB", "size=10KiB",
					    "size=1MiB kind=one-that-is-longer-than-others"};

	row->workload = "mem.chase";
	row->params = sizes[row->round % 3];
	return true;
}

static void test_variants(void **state)
{
	static const char *const order[] = {
		"\n  mem.chase size=9KiB ", "\n  mem.chase size=10KiB ",
		"\n  mem.chase size=1MiB kind=one-that-is-longer-than-others\n  "};
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct buf out = BUF_INIT;
	struct summary s;
	const char *at;
	struct err err;

	(void)state;
	run.edit = rename_variants;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	table_format(&s, &out);
	at = buf_str(&out);
	for (size_t i = 0; i < 3; i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("no \"%s\" behind the one before in:\n%s", order[i],
				 buf_str(&out));
	}
	buf_release(&out);
	summary_release(&s);
	test_dir_remove(dir);
}

static void test_order_of_params(void **state)
{
	/* Each before the next one. */
	static const char *const order[] = {"",		  "kind=add size=1MiB",
					    "size=9KiB",  "size=9KiB pages=4k",
					    "size=10KiB", "size=1024KiB",
					    "size=1MiB",  "size=1a",
					    "size=x",	  "sizes=1"};
	const size_t count = sizeof(order) / sizeof(order[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			int found = params_compare(order[i], order[k]);

			if ((found > 0) - (found < 0) != (i > k) - (i < k))
				fail_msg("%s against %s: %d", order[i], order[k], found);
		}
}

static void test_texts(void **state)
{
	struct estimate none = {NAN, NAN, NAN}, point = {0.5, NAN, NAN};
	struct buf out = BUF_INIT;
	char text[TEXT_SHORT];

	(void)state;
	assert_string_equal(text_share(&none, text), "-");
	assert_string_equal(text_share(&point, text), "50.0 %");
	assert_string_equal(text_percent(1, text), "100");
	assert_string_equal(text_percent(0.00123, text), "0.123");
	assert_string_equal(text_ratio(1.005, text), "1.00");
	assert_string_equal(text_ratio(12345, text), "12345");
	assert_string_equal(text_ratio(1234567, text), "1.2e+06");
	text_pad(&out, "abc×", 6);
	text_pad(&out, "abcdef", 4);
	text_pad_left(&out, "×1", 4);
	assert_string_equal(buf_str(&out), "abc×  abc…  ×1");
	buf_release(&out);
}

static void test_columns(void **state)
{
	static const struct text_column columns[] = {{"name", -5, 1}, {"time", 6, 0}, {"", 0, 0}};
	struct buf out = BUF_INIT;
	struct text_table t = TEXT_TABLE(&out, columns);

	(void)state;
	text_titles(&t);
	text_cell(&t, "abcdefg");
	text_cell(&t, "%d µs", 7);
	text_cell(&t, "%s", "");
	text_cell(&t, "b");
	text_cell(&t, "%s", "too wide to fit");
	text_end_row(&t, "");
	text_cell(&t, "c");
	text_end_row(&t, "odd");
	assert_string_equal(buf_str(&out), "  name    time\n"
					   "  abcd…   7 µs\n"
					   "  b     too wide to fit\n"
					   "  c  odd\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_emulated),    cmocka_unit_test(test_troubled),
		cmocka_unit_test(test_deep),	    cmocka_unit_test(test_little_data),
		cmocka_unit_test(test_overall),	    cmocka_unit_test(test_cheaper_than_l0),
		cmocka_unit_test(test_variants),    cmocka_unit_test(test_order_of_params),
		cmocka_unit_test(test_texts),	    cmocka_unit_test(test_emulated_machine),
		cmocka_unit_test(test_unknown_cpu), cmocka_unit_test(test_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
