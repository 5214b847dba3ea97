/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts per operation and their classes, from made-up counts with known answers. */
#include "results/exits/exit_counts.h"

#include "results/rundir/rundir.h"
#include "tests/check.h"
#include "tests/results/make_exits.h"

static void load(const struct made_run *run, const struct made_exit *table, made_exit_edit edit,
		 struct exit_counts *c)
{
	char *dir = test_dir_make();
	struct err err;

	*c = (struct exit_counts){0};
	assert_works(make_exits(dir, run, table, edit, &err), err);
	assert_works(exit_counts_load(dir, MADE_ID, c, &err), err);
	test_dir_remove(dir);
}

static struct made_run depth(uint32_t deepest)
{
	struct made_run run = MADE_RUN;

	run.depth = deepest;
	return run;
}

static const struct exit_metric *metric(const struct exit_counts *c, const char *workload,
					const char *params, uint32_t measured, uint32_t layer,
					const char *reason)
{
	const struct exit_series *s =
		exit_counts_find(c, workload, params, 1, measured, layer, "kvm_exit");
	const struct exit_metric *m;

	assert_non_null(s);
	assert_int_equal(s->counted_in, layer - 1);
	m = exit_series_find(s, reason);
	assert_non_null(m);
	assert_int_equal(m->counts, s->batches);
	return m;
}

static void check(const struct exit_metric *m, enum exit_class class, double per_op, double within)
{
	assert_string_equal(exit_class_name(m->class), exit_class_name(class));
	assert_close(m->per_op.mid, per_op, within);
	assert_true(m->per_op.low < per_op && per_op < m->per_op.high);
	assert_true(m->per_op.high - m->per_op.low < 2 * within);
}

/* Per operation exact, though counting and interrupts add to every batch. */
static void test_proportional(void **state)
{
	struct made_run run = depth(3);
	struct exit_counts c;

	(void)state;
	load(&run, made_exits, NULL, &c);
	check(metric(&c, "exit.cpuid", "", 2, 2, "cpuid"), EXIT_PROPORTIONAL, 1, 0.02);
	check(metric(&c, "exit.cpuid", "", 1, 1, "CPUID"), EXIT_PROPORTIONAL, 1, 0.02);
	check(metric(&c, "exit.cpuid", "", 3, 3, "cpuid"), EXIT_PROPORTIONAL, 1, 0.02);
	check(metric(&c, "exit.cpuid", "", 3, 2, "vmrun"), EXIT_PROPORTIONAL, 4, 0.02);
	check(metric(&c, "exit.cpuid", "", 3, 1, "VMRESUME"), EXIT_PROPORTIONAL, 20, 0.02);
	check(metric(&c, "mem.fault", "size=64MiB pages=4k", 2, 2, "npf"), EXIT_PROPORTIONAL, 1,
	      0.01);
	/* Decided by the data. */
	check(metric(&c, "io.fsync", "block=4KiB", 2, 2, "hlt"), EXIT_PROPORTIONAL, 2, 0.2);
	exit_counts_release(&c);
}

static void test_per_second(void **state)
{
	struct made_run run = depth(2);
	const struct exit_metric *m;
	struct exit_counts c;

	(void)state;
	run.rounds = 12;
	load(&run, made_exits, NULL, &c);
	m = metric(&c, "exit.cpuid", "", 2, 2, "interrupt");
	assert_int_equal(m->class, EXIT_PER_SECOND);
	assert_true(m->per_second.low < 260 && 260 < m->per_second.high);
	assert_close(m->background.each, 3, 1.5);
	m = metric(&c, "exit.cpuid", "", 2, 2, "msr");
	assert_int_equal(m->class, EXIT_PER_SECOND);
	assert_true(m->per_op.low <= 0);
	/* The background is nothing else. */
	m = metric(&c, "nop", "", 2, 2, "interrupt");
	assert_int_equal(m->class, EXIT_PER_SECOND);
	for (size_t i = 0; i < c.count; i++)
		for (size_t k = 0; k < c.series[i].metrics; k++) {
			m = &c.series[i].metric[k];
			assert_non_null(m->why);
			if (m->is_sum || exit_series_is_background(&c.series[i]))
				assert_false(exit_metric_is_gated(&c.series[i], m));
		}
	exit_counts_release(&c);
}

/* Twice as many operations in half of the batches do not matter. */
static bool with_other_ops(struct exit_row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && (row->round + row->batch) % 2) {
		row->ops *= 2;
		row->count *= 2;
		row->interval_ns *= 2;
	}
	return true;
}

static void test_other_ops(void **state)
{
	static const struct made_exit table[] = {
		{1, 1, "exit.cpuid", "kvm_exit", "HLT", 3, 0, 0},
		{0},
	};
	struct made_run run = depth(1);
	struct exit_counts c;

	(void)state;
	load(&run, table, with_other_ops, &c);
	check(metric(&c, "exit.cpuid", "", 1, 1, "HLT"), EXIT_PROPORTIONAL, 3, 0.01);
	exit_counts_release(&c);
}

/* One batch never has an interval without width, nor has a count without spread. */
static void test_few(void **state)
{
	struct made_run run = depth(2);
	const struct exit_metric *m;
	struct exit_counts c;

	(void)state;
	run.rounds = 1;
	load(&run, made_exits, NULL, &c);
	m = metric(&c, "exit.cpuid", "", 2, 2, "cpuid");
	assert_int_equal(m->counts, 1);
	assert_int_equal(m->class, EXIT_PROPORTIONAL);
	assert_true(m->per_op.low < 0.96 && m->per_op.high > 1.04);
	m = metric(&c, "io.fsync", "block=4KiB", 2, 2, "hlt");
	assert_int_equal(m->class, EXIT_NOT_RESOLVED);
	exit_counts_release(&c);
	run.rounds = 2;
	load(&run, made_exits, NULL, &c);
	m = metric(&c, "exit.cpuid", "", 2, 2, "cpuid");
	assert_true(m->per_op.high - m->per_op.low > 3 / 1743.0);
	assert_true(m->per_op.high - m->per_op.low < 0.02);
	exit_counts_release(&c);
}

/* Boots that differ make it wide, however many batches each has. */
static bool with_boots(struct exit_row *row)
{
	if (strcmp(row->reason, "cpuid") == 0 && strcmp(row->workload, "exit.cpuid") == 0)
		row->count += row->count * (row->boot - 1) / 10;
	return true;
}

static void test_boots(void **state)
{
	struct made_run run = depth(2);
	const struct exit_metric *m;
	struct exit_counts c;

	(void)state;
	run.boots = 4;
	load(&run, made_exits, with_boots, &c);
	m = metric(&c, "exit.cpuid", "", 2, 2, "cpuid");
	assert_close(m->per_op.mid, 1.15, 0.01);
	/* Four values, 0.1 apart: Student's t of 3 degrees of freedom. */
	assert_close(m->per_op.high - m->per_op.mid, 3.182 * 0.1291 / 2, 0.01);
	exit_counts_release(&c);
}

static bool without_nop(struct exit_row *row)
{
	return strcmp(row->workload, "nop") != 0;
}

/* A counter that is zero has no row; that of a batch without any other row is filled up. */
static bool every_other(struct exit_row *row)
{
	return strcmp(row->reason, "npf") != 0 || row->batch % 2;
}

static void test_rows_that_lack(void **state)
{
	struct made_run run = depth(2);
	const struct exit_metric *m;
	struct exit_counts c;

	(void)state;
	load(&run, made_exits, without_nop, &c);
	m = metric(&c, "exit.cpuid", "", 2, 2, "cpuid");
	assert_int_equal(m->class, EXIT_PROPORTIONAL);
	assert_close(m->background.each, 0, 0);
	exit_counts_release(&c);
	load(&run, made_exits, every_other, &c);
	m = metric(&c, "mem.fault", "size=64MiB pages=4k", 2, 2, "npf");
	assert_int_equal(m->counts, 6);
	assert_int_equal(m->count[1], 0);
	assert_close(m->per_op.mid, 0.5, 0.1);
	assert_true(m->class != EXIT_PROPORTIONAL || m->per_op.low > 0);
	exit_counts_release(&c);
}

static void write_rows(const char *dir, const char *rows)
{
	char path[RUNDIR_PATH];
	struct buf text = BUF_INIT;
	struct err err;

	buf_addf(&text, "%s\n%s", EXITS_HEADER, rows);
	assert_works(rundir_path(dir, EXITS_FILE, path, &err), err);
	assert_works(file_write_whole(path, buf_str(&text), text.len, &err), err);
	buf_release(&text);
}

static void test_remarks(void **state)
{
	char *dir = test_dir_make();
	struct exit_counts c = {0};
	struct err err;

	(void)state;
	assert_works(exit_counts_load(dir, NULL, &c, &err), err);
	assert_int_equal(c.count + c.remarks + c.damage.count, 0);
	write_rows(dir, "r,1,0,1,0,0,,,0,0,0,0,0,,0,none,emulated\n"
			"r,2,0,1,0,0,,,0,0,0,0,0,,0,none,emulated\n"
			"r,1,3,2,1,2,,,0,0,0,0,0,,0,kvm_exit,the counters jumped back\n"
			"r,1,1,2,1,2,w,,1,1,1,5,900,cpuid,5,kvm_exit,\n"
			"r,1,1,2,1,2,w,,1,1,1,5,900,cpuid,5,kvm_exit,\n"
			"r,1,1,2,1,2,w,,1,1,1,5,900,cpuid,-5,kvm_exit,\n"
			"r,1,1,2,1,2,w,,1,1,2,5,900,cpuid,5,kvm_exit,\n"
			"r,1,1,2,1,2,w,,1,1,1,5,900,pages_4k,77,kvm_state,\n");
	assert_works(exit_counts_load(dir, NULL, &c, &err), err);
	assert_int_equal(c.remarks, 2);
	assert_int_equal(c.remark[0].rows, 2);
	assert_string_equal(c.remark[0].text, "emulated");
	assert_int_equal(c.remark[1].layer, 2);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.series[0].metric[0].total, 5);
	assert_int_equal(c.damage.count, 3);
	exit_counts_release(&c);
	test_dir_remove(dir);
}

/* A guest that makes up reasons is bounded. */
static void test_hostile(void **state)
{
	char *dir = test_dir_make();
	struct buf rows = BUF_INIT;
	struct exit_counts c = {0};
	struct err err;

	(void)state;
	for (int i = 0; i < 600; i++)
		buf_addf(&rows,
			 "r,1,1,2,1,2,w,,1,1,1,5,0,reason%d,9223372036854775807,kvm_exit,x%d\n", i,
			 i);
	write_rows(dir, buf_str(&rows));
	assert_works(exit_counts_load(dir, NULL, &c, &err), err);
	assert_int_equal(c.series[0].metrics, 512);
	assert_int_equal(c.remarks, 256);
	assert_int_equal(c.damage.count, 88 + 344);
	exit_counts_release(&c);
	buf_release(&rows);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proportional), cmocka_unit_test(test_per_second),
		cmocka_unit_test(test_other_ops),    cmocka_unit_test(test_few),
		cmocka_unit_test(test_boots),	     cmocka_unit_test(test_rows_that_lack),
		cmocka_unit_test(test_remarks),	     cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
