/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <sys/stat.h>
#include <unistd.h>

#include "results/summary/estimate.h"
#include "results/summary/summary_parts.h"
#include "tests/results/make_summary.h"

/* Makes a run, summarises it, removes it. */
static const struct summary_entry *entry_of(const struct summary *s, const char *workload,
					    uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (strcmp(s->entry[i].workload, workload) == 0 && s->entry[i].layer == layer)
			return &s->entry[i];
	fail_msg("no entry for %s in L%u", workload, layer);
	return NULL;
}

static const struct summary_class *class_of_layer(const struct summary *s, const char *class,
						  uint32_t layer)
{
	for (size_t i = 0; i < s->classes; i++)
		if (strcmp(s->class[i].class, class) == 0 && s->class[i].layer == layer)
			return &s->class[i];
	return NULL;
}

static bool has_flag(const struct summary_entry *e, const char *flag)
{
	struct buf flags = BUF_INIT, padded = BUF_INIT;
	bool has;
	char word[64];

	summary_format_flags(e, &flags);
	buf_addf(&padded, " %s ", buf_str(&flags));
	snprintf(word, sizeof(word), " %s ", flag);
	has = strstr(buf_str(&padded), word) != NULL;
	buf_release(&flags);
	buf_release(&padded);
	return has;
}

/* The made-up costs come out: ratios within the noise, although the machine drifted by 20 %. */
static void test_known_answers(void **state)
{
	struct summary s;

	(void)state;
	make_summary(&MADE_RUN, &s);
	assert_int_equal(s.entries, 39);
	assert_int_equal(s.layers, 3);
	assert_int_equal(s.boots, 1);
	assert_int_equal(s.rounds, 6);
	assert_int_equal(s.rows, 6 * 3 * (12 * 5 + 1));
	assert_int_equal(s.damage.count, 0);
	for (const struct made_workload *w = made_workloads; w->name; w++)
		for (uint32_t layer = 1; layer <= 2; layer++) {
			const struct summary_entry *e = entry_of(&s, w->name, layer);
			double want = made_cost(w, layer) / made_cost(w, 0);

			assert_close(e->ratio_l0.mid, want, 0.01 * want);
			assert_close(e->share.mid, 1 / want, 0.01 / want);
			assert_true(e->ratio_l0.low <= want * 1.003 &&
				    want <= e->ratio_l0.high * 1.003);
			assert_true(has_flag(e, "emulated"));
			assert_true(has_flag(e, "one-boot"));
			assert_false(has_flag(e, "few-rounds"));
		}
	assert_string_equal(entry_of(&s, "capacity.memory", 1)->unit, "bytes");
	assert_false(has_flag(entry_of(&s, "nop", 0), "emulated"));
	assert_string_equal(s.layer[0].accel, "none");
	assert_string_equal(s.layer[1].accel, "tcg");
	assert_string_equal(s.layer[2].accel, "kvm");
	summary_release(&s);
}

static void test_classes(void **state)
{
	const struct summary_class *c;
	struct summary s;

	(void)state;
	make_summary(&MADE_RUN, &s);
	c = class_of_layer(&s, "cpu", 1);
	assert_int_equal(c->workloads, 3);
	assert_int_equal(c->n, 6);
	assert_close(c->ratio_l0.mid, cbrt(9.2 * 22 * 11), 0.05);
	assert_close(c->share.mid, 1 / cbrt(9.2 * 22 * 11), 0.001);
	assert_int_equal(c->verdict, VERDICT_STAYS); /* L2 loses half a per cent only */
	c = class_of_layer(&s, "mem", 2);
	assert_close(c->ratio_up.mid, cbrt(4.6 / 3.1 * 6 / 5.5 * 38 / 9.5), 0.02);
	assert_int_equal(c->verdict, VERDICT_SHRINKS);
	assert_int_equal(class_of_layer(&s, "exit", 1)->verdict, VERDICT_SHRINKS);
	assert_int_equal(class_of_layer(&s, "io", 2)->verdict, VERDICT_SHRINKS);
	assert_int_equal(class_of_layer(&s, "control", 1)->verdict, VERDICT_NOT_JUDGED);
	assert_int_equal(class_of_layer(&s, "capacity", 1)->verdict, VERDICT_NOT_JUDGED);
	assert_null(class_of_layer(&s, "cpu", 0));
	assert_null(class_of_layer(&s, "cpu", 3));
	summary_release(&s);
}

/* Six rounds are enough for three steps: 1/64 is below 0.05/3. */
static void test_three_steps(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.depth = 3;
	make_summary(&run, &s);
	assert_int_equal(class_of_layer(&s, "exit", 3)->verdict, VERDICT_SHRINKS);
	assert_int_equal(class_of_layer(&s, "cpu", 3)->verdict, VERDICT_STAYS);
	assert_true(entry_of(&s, "nop", 3)->flags & FLAG_EMULATED);
	summary_release(&s);
	run.depth = 4; /* but not for four */
	make_summary(&run, &s);
	assert_int_equal(class_of_layer(&s, "exit", 4)->verdict, VERDICT_NOT_RESOLVED);
	assert_string_equal(s.layer[4].accel, "unknown");
	summary_release(&s);
}

static void test_few_rounds(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.rounds = 5;
	make_summary(&run, &s);
	assert_true(isnan(entry_of(&s, "nop", 1)->cost.low));
	assert_true(isnan(entry_of(&s, "nop", 1)->ratio_l0.high));
	assert_false(isnan(entry_of(&s, "nop", 1)->ratio_l0.mid));
	assert_true(has_flag(entry_of(&s, "nop", 1), "few-rounds"));
	assert_int_equal(class_of_layer(&s, "exit", 2)->verdict, VERDICT_NOT_RESOLVED);
	summary_release(&s);
}

static void test_several_boots(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s, again;

	(void)state;
	run.boots = 5;
	run.rounds = 4;
	make_summary(&run, &s);
	make_summary(&run, &again);
	for (size_t i = 0; i < s.entries; i++) {
		const struct summary_entry *e = &s.entry[i];

		assert_int_equal(e->boots, 5);
		assert_int_equal(e->cells, 20);
		assert_true(e->cost.low <= e->cost.mid && e->cost.mid <= e->cost.high);
		assert_false(has_flag(e, "one-boot") || has_flag(e, "few-rounds") ||
			     has_flag(e, "few-boots"));
		assert_close(again.entry[i].cost.low, e->cost.low,
			     0); /* the seed makes it repeatable */
		if (e->layer) {
			assert_true(e->ratio_l0.low <= e->ratio_l0.mid &&
				    e->ratio_l0.mid <= e->ratio_l0.high);
			assert_true(e->ratio_l0.high / e->ratio_l0.low < 1.02);
		}
	}
	assert_int_equal(class_of_layer(&s, "exit", 2)->verdict, VERDICT_SHRINKS);
	assert_int_equal(class_of_layer(&s, "cpu", 2)->verdict, VERDICT_STAYS);
	summary_release(&s);
	summary_release(&again);
	run.boots = 2;
	make_summary(&run, &s);
	assert_true(has_flag(entry_of(&s, "nop", 1), "few-boots"));
	summary_release(&s);
}

/* L2 dies in round 4: io has no rows there any more; mem.fault has none at all. */
static bool break_rows(struct row *row)
{
	struct sample *s = &row->sample;

	if (row->layer == 2 && row->round >= 4 && strncmp(row->workload, "io.", 3) == 0) {
		s->status = row->round == 4 ? SAMPLE_TIMEOUT : SAMPLE_SKIP;
		s->ops = 0;
		s->batch = 0;
		sample_set_reason(s, "L2 is gone");
	}
	if (row->layer == 2 && strcmp(row->workload, "mem.fault") == 0) {
		s->status = SAMPLE_FAIL;
		s->ops = 0;
		sample_set_reason(s, "mmap: out of memory");
	}
	if (row->layer == 2 && strncmp(row->workload, "gpu.", 4) == 0)
		return false;
	return true;
}

static void test_missing_data(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = break_rows;
	make_summary(&run, &s);
	assert_int_equal(entry_of(&s, "io.fsync", 2)->cells, 3);
	assert_true(has_flag(entry_of(&s, "io.fsync", 2), "timeout:5"));
	assert_true(has_flag(entry_of(&s, "io.fsync", 2), "skip:10"));
	assert_true(has_flag(entry_of(&s, "io.fsync", 2), "few-rounds"));
	assert_string_equal(entry_of(&s, "io.fsync", 2)->reason, "L2 is gone");
	assert_int_equal(class_of_layer(&s, "io", 1)->n, 6);
	assert_int_equal(class_of_layer(&s, "io", 2)->n, 3);
	assert_int_equal(class_of_layer(&s, "io", 2)->verdict, VERDICT_NOT_RESOLVED);
	/* A class is compared over the same workloads in every layer. */
	assert_int_equal(class_of_layer(&s, "mem", 1)->workloads, 2);
	assert_int_equal(class_of_layer(&s, "mem", 1)->left_out, 1);
	assert_true(isnan(entry_of(&s, "mem.fault", 2)->cost.mid));
	assert_int_equal(entry_of(&s, "mem.fault", 2)->cells, 0);
	/* gpu has no row in L2 at all: judged as far as it goes. */
	assert_null(class_of_layer(&s, "gpu", 2));
	assert_int_equal(class_of_layer(&s, "gpu", 1)->verdict, VERDICT_SHRINKS);
	assert_int_equal(s.failed, 30);
	assert_int_equal(s.timed_out, 10);
	assert_int_equal(s.skipped, 20);
	summary_release(&s);
}

static bool odd_rows(struct row *row)
{
	struct sample *s = &row->sample;

	if (strcmp(row->workload, "cpu.int") == 0 && row->layer == 2 && s->batch == 3 &&
	    row->round == 2)
		s->digest++;
	if (strcmp(row->workload, "nop") == 0 && row->layer == 0) {
		if (s->batch > 1)
			s->flags = SAMPLE_SHORT;
		s->elapsed_ns = 0;
	}
	if (strcmp(row->workload, "mem.chase") == 0 && row->layer == 1 && row->round == 3 &&
	    s->batch == 4) {
		s->status = SAMPLE_SUSPECT;
		sample_set_reason(s, "the clock");
		s->elapsed_ns *= 100;
	}
	if (strcmp(row->workload, "mem.stream") == 0 && s->batch == 1)
		s->elapsed_ns *= 1000; /* warm-up counts for nothing */
	if (strncmp(row->workload, "capacity.", 9) == 0)
		s->digest = row->layer; /* as from another version of the proof */
	return true;
}

static void test_flags(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = odd_rows;
	make_summary(&run, &s);
	for (uint32_t layer = 0; layer < 3; layer++) {
		const struct summary_entry *e = entry_of(&s, "cpu.int", layer);

		assert_true(has_flag(e, "digest"));
		assert_true(isnan(e->ratio_l0.mid) && isnan(e->ratio_up.mid) &&
			    isnan(e->share.mid));
		assert_false(isnan(e->cost.mid)); /* the costs stand */
	}
	assert_int_equal(class_of_layer(&s, "cpu", 1)->workloads, 2);
	assert_true(has_flag(entry_of(&s, "nop", 0), "zero"));
	assert_true(has_flag(entry_of(&s, "nop", 0), "short"));
	assert_true(isnan(entry_of(&s, "nop", 1)->ratio_l0.mid));
	assert_int_equal(class_of_layer(&s, "control", 1)->workloads, 1);
	assert_true(has_flag(entry_of(&s, "mem.chase", 1), "suspect:1"));
	assert_true(entry_of(&s, "mem.chase", 1)->p99 > 2000); /* kept in */
	assert_close(entry_of(&s, "mem.stream", 1)->ratio_l0.mid, 5.5, 0.05);
	assert_true(entry_of(&s, "mem.stream", 1)->p99 < 10);
	assert_true(has_flag(entry_of(&s, "capacity.memory", 1), "digest"));
	assert_true(isnan(entry_of(&s, "capacity.memory", 1)->ratio_l0.mid));
	summary_release(&s);
}

static bool one_outlier(struct row *row)
{
	struct sample *s = &row->sample;

	/* Without drift, so that rounds do not differ. */
	s->elapsed_ns = 1000000 + s->batch + row->round;
	s->ops = 1;
	if (row->layer == 0 && row->round == 2 && s->batch == 4)
		s->elapsed_ns = 3000000;
	return true;
}

static void test_outliers(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = one_outlier;
	make_summary(&run, &s);
	assert_true(has_flag(entry_of(&s, "nop", 0), "outliers:1"));
	assert_int_equal(entry_of(&s, "nop", 1)->outliers, 0);
	assert_true(entry_of(&s, "nop", 0)->p99 > 1500000);
	summary_release(&s);
}

static bool poll_l1(struct row *row)
{
	if (row->layer == 1)
		row->sample.flags |= SAMPLE_POLLED;
	return true;
}

/* A layer that is polled is still compared with L0. */
static void test_polled(void **state)
{
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = poll_l1;
	make_summary(&run, &s);
	assert_true(has_flag(entry_of(&s, "cpu.int", 1), "polled"));
	assert_false(has_flag(entry_of(&s, "cpu.int", 1), "no-host"));
	assert_true(entry_of(&s, "cpu.int", 1)->ratio_l0.mid > 0);
	summary_release(&s);
}

/* Rows in any order give the same summary: a resumed run appends late. */
static void test_order_does_not_matter(void **state)
{
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct buf text = BUF_INIT, turned = BUF_INIT, one = BUF_INIT, two = BUF_INIT;
	size_t end, header = strlen(ROWS_HEADER) + 1;
	struct summary s;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	summary_format(&s, &one);
	classes_format(&s, &one);
	summary_release(&s);
	snprintf(path, sizeof(path), "%s/samples.csv", dir);
	assert_works(file_read(path, 1 << 24, &text, &err), err);
	buf_add(&turned, text.data, header);
	for (end = text.len - 1; end >= header;) { /* the lines from the last to the first */
		size_t start = end;

		while (start > header && text.data[start - 1] != '\n')
			start--;
		buf_add(&turned, text.data + start, end - start + 1);
		end = start - 1;
	}
	assert_int_equal(turned.len, text.len);
	assert_works(file_write_whole(path, turned.data, turned.len, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	summary_format(&s, &two);
	classes_format(&s, &two);
	summary_release(&s);
	assert_string_equal(buf_str(&one), buf_str(&two));
	buf_release(&text);
	buf_release(&turned);
	buf_release(&one);
	buf_release(&two);
	test_dir_remove(dir);
}

static void test_empty_and_broken_runs(void **state)
{
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct csv_writer w;
	struct buf text = BUF_INIT;
	struct summary s = {0};
	struct err err;

	(void)state;
	assert_fails(summary_build("/nonexistent", &s, &err), err, EXIT_USAGE, "/nonexistent");
	assert_fails(summary_build(dir, &s, &err), err, EXIT_USAGE, "not a run directory");
	assert_works(rows_writer_open(&w, dir, &err), err);
	assert_works(csv_writer_close(&w, &err), err);
	assert_works(summary_build(dir, &s, &err), err); /* no rows, no manifest, no layers */
	assert_int_equal(s.entries, 0);
	assert_int_equal(s.classes, 0);
	assert_non_null(strstr(s.manifest_trouble, "manifest.json"));
	assert_works(summary_write(dir, &s, &err), err);
	summary_format(&s, &text);
	assert_string_equal(buf_str(&text), SUMMARY_HEADER "\n");
	assert_int_equal(summary_write("/nonexistent", &s, &err), -1);
	assert_non_null(strstr(err.text, "/nonexistent/summary.csv"));
	summary_release(&s);
	snprintf(path, sizeof(path), "%s/samples.csv", dir);
	assert_works(file_write_whole(path, "x,y\n", 4, &err), err);
	assert_fails(summary_build(dir, &s, &err), err, EXIT_USAGE, "samples.csv:1: the header");
	buf_release(&text);
	test_dir_remove(dir);
}

/* A run that was interrupted in the middle of a row. */
static void test_interrupted(void **state)
{
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make(), path[RUNDIR_PATH];
	struct stat st;
	struct summary s;
	struct err err;

	(void)state;
	run.state = RUN_INTERRUPTED;
	assert_works(make_run(dir, &run, &err), err);
	snprintf(path, sizeof(path), "%s/samples.csv", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size / 2 + 3), 0);
	assert_works(summary_build(dir, &s, &err), err);
	assert_true(s.damage.torn);
	assert_int_equal(s.damage.count, 1);
	assert_true(s.rounds == 3 || s.rounds == 4);
	assert_int_equal(s.manifest.state, RUN_INTERRUPTED);
	assert_false(isnan(entry_of(&s, "nop", 1)->ratio_l0.mid));
	summary_release(&s);
	test_dir_remove(dir);
}

/* A work's first row decides its class and unit: a row with others is left out, and named. */
static void test_two_classes(void **state)
{
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct row row = {.run = MADE_ID,
			  .boot = 1,
			  .round = 9,
			  .workload = "nop",
			  .class = "cpu",
			  .params = "",
			  .threads = 1,
			  .sample = {.batch = 1, .ops = 1, .elapsed_ns = 1}};
	struct csv_writer w;
	struct summary s;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(rows_writer_open(&w, dir, &err), err);
	assert_works(rows_writer_put(&w, &row, &err), err);
	assert_works(csv_writer_close(&w, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_int_equal(s.damage.count, 1);
	assert_non_null(strstr(s.damage.text[0], "class cpu, unit ns/op, but earlier rows of the "
						 "same work have class control, unit ns/op"));
	assert_int_equal(entry_of(&s, "nop", 0)->cells, MADE_RUN.rounds);
	summary_release(&s);
	test_dir_remove(dir);
}

static bool tiny_run(struct row *row)
{
	return strcmp(row->workload, "mem.chase") == 0 || strcmp(row->workload, "nop") == 0;
}

/* The layers' facts, and the resulting kind of CPU. */
static void test_cpu(void **state)
{
	static const struct {
		const char *below_l0, *l1, *l2;
		enum layer_cpu cpu[3];
	} cases[] = {
		{"none", "kvm", "kvm", {CPU_HARDWARE, CPU_HARDWARE, CPU_HARDWARE}},
		{"KVMKVMKVM", "kvm", "kvm", {CPU_HARDWARE, CPU_HARDWARE, CPU_HARDWARE}},
		{"KVMKVMKVM", "tcg", "kvm", {CPU_HARDWARE, CPU_EMULATED, CPU_EMULATED}},
		{"none", "kvm", "tcg", {CPU_HARDWARE, CPU_HARDWARE, CPU_EMULATED}},
		/* The machine itself is emulated, and L1 and L2 run by KVM on it. */
		{"TCGTCGTCGTCG", "kvm", "kvm", {CPU_EMULATED, CPU_EMULATED, CPU_EMULATED}},
		{"TCGTCGTCGTCG", NULL, NULL, {CPU_EMULATED, CPU_EMULATED, CPU_EMULATED}},
		/* Unknown or missing is not hardware. */
		{"", "kvm", "kvm", {CPU_UNKNOWN, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"unnamed", "kvm", "kvm", {CPU_UNKNOWN, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"tcgtcgtcgtcg", "kvm", "kvm", {CPU_UNKNOWN, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"KVMKVMKVM ", "kvm", "kvm", {CPU_UNKNOWN, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"none", "KVM", "kvm", {CPU_HARDWARE, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"Microsoft Hv", "kvm", "kvm", {CPU_HARDWARE, CPU_HARDWARE, CPU_HARDWARE}},
		{"none", NULL, "kvm", {CPU_HARDWARE, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"none", "kvm", NULL, {CPU_HARDWARE, CPU_HARDWARE, CPU_UNKNOWN}},
		{"none", "hvf", "kvm", {CPU_HARDWARE, CPU_UNKNOWN, CPU_UNKNOWN}},
		{"", NULL, "tcg", {CPU_UNKNOWN, CPU_UNKNOWN, CPU_EMULATED}},
	};
	struct made_run run = MADE_RUN;
	struct summary s;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run.below_l0 = cases[i].below_l0;
		run.accel[1] = cases[i].l1;
		run.accel[2] = cases[i].l2;
		make_summary(&run, &s);
		for (uint32_t k = 0; k < 3; k++) {
			const struct summary_entry *e = entry_of(&s, "nop", k);

			if (s.layer[k].cpu != cases[i].cpu[k])
				fail_msg("case %zu: the CPU of L%u is %d", i, k, s.layer[k].cpu);
			assert_int_equal(has_flag(e, "emulated"), cases[i].cpu[k] == CPU_EMULATED);
			assert_int_equal(has_flag(e, "cpu-unknown"),
					 cases[i].cpu[k] == CPU_UNKNOWN);
		}
		summary_release(&s);
	}
}

static void test_golden(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT;
	struct summary s;

	(void)state;
	run.edit = tiny_run;
	run.noise = 0;
	make_summary(&run, &s);
	summary_format(&s, &text);
	buf_addstr(&text, "\n");
	classes_format(&s, &text);
	assert_golden("results/golden/summary.csv", buf_str(&text));
	buf_release(&text);
	summary_release(&s);
}

/* Without intervals the figures are the same, and the values of a class have its figure as their
 * median. */
static void test_figures_only(void **state)
{
	struct made_run run = MADE_RUN;
	struct estimator est = {0};
	struct series values = {0};
	struct summary s, quick;
	char *dir = test_dir_make();
	struct estimate e;
	struct err err;

	(void)state;
	run.boots = 3;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(summary_build_figures(dir, &quick, &err), err);
	assert_int_equal(s.entries, quick.entries);
	for (size_t i = 0; i < s.entries; i++) {
		assert_close(s.entry[i].cost.mid, quick.entry[i].cost.mid, 0);
		assert_close(s.entry[i].ratio_l0.mid, quick.entry[i].ratio_l0.mid, 0);
		assert_close(s.entry[i].p95, quick.entry[i].p95, 0);
		assert_true(isnan(quick.entry[i].cost.low));
	}
	assert_int_equal(s.classes, quick.classes);
	for (size_t i = 0; i < s.classes; i++) {
		assert_close(s.class[i].share.mid, quick.class[i].share.mid, 0);
		assert_works(class_values(&quick, &quick.class[i], &values, &err), err);
		assert_int_equal(values.n, quick.class[i].n);
		assert_works(estimate_median(&est, &values, &e, &err), err);
		assert_close(exp(e.mid), s.class[i].ratio_l0.mid, 1e-12);
	}
	series_release(&values);
	estimator_release(&est);
	summary_release(&s);
	summary_release(&quick);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_three_steps),
		cmocka_unit_test(test_few_rounds),
		cmocka_unit_test(test_several_boots),
		cmocka_unit_test(test_missing_data),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_outliers),
		cmocka_unit_test(test_polled),
		cmocka_unit_test(test_order_does_not_matter),
		cmocka_unit_test(test_empty_and_broken_runs),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_cpu),
		cmocka_unit_test(test_two_classes),
		cmocka_unit_test(test_figures_only),
		cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
