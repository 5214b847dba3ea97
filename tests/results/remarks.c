/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a summary remarks on: rounds that were disturbed and remeasured, CPUs that differ between
 * layers. */
#include "tests/check.h"

#include <math.h>

#include "results/rundir/disturbed.h"
#include "results/rundir/params.h"
#include "results/summary/summary.h"
#include "results/table/words.h"
#include "tests/results/make_run.h"

/* The seventh round remeasures the third, in which L1 was three times as slow. */
static bool remeasured(struct row *row)
{
	if (row->round == 3 && row->layer == 1)
		row->sample.elapsed_ns *= 3;
	if (row->round == 7)
		row->repeats = 3;
	return true;
}

/* The run ended before one workload was remeasured in L2. */
static bool cut_short(struct row *row)
{
	return remeasured(row) &&
	       !(row->round == 7 && row->layer == 2 && strcmp(row->workload, "mem.chase") == 0);
}

/* Round 7 claims to remeasure a later one. */
static bool claims_a_later_round(struct row *row)
{
	if (row->round == 7)
		row->repeats = 9;
	return true;
}

/* Each of the last two rounds claims to remeasure the third. */
static bool twice(struct row *row)
{
	if (row->round >= 7)
		row->repeats = 3;
	return true;
}

static void mark(const char *dir, uint32_t round, const char *why)
{
	struct facts facts = FACTS_INIT;
	char key[DISTURBED_KEY];
	struct err err;

	facts_set(&facts, disturbed_key(key, round, DISTURBED_WHY), "%s", why);
	facts_set(&facts, disturbed_key(key, round, DISTURBED_NOISE), "foreign=0.5");
	assert_works(layers_append(dir, MADE_ID, 1, 0, &facts, &err), err);
	facts_release(&facts);
}

/* The summary of a run with this number of rounds, of which these (up to a 0) are disturbed. */
static void summarise(uint32_t rounds, bool (*edit)(struct row *), const uint32_t *disturbed,
		      struct summary *s)
{
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct err err;

	run.rounds = rounds;
	run.edit = edit;
	assert_works(make_run(dir, &run, &err), err);
	for (; *disturbed; disturbed++)
		mark(dir, *disturbed, "others used 30.0 % of the CPUs");
	assert_works(summary_build(dir, s, &err), err);
	test_dir_remove(dir);
}

static const struct summary_entry *entry(const struct summary *s, const char *workload,
					 uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (strcmp(s->entry[i].workload, workload) == 0 && s->entry[i].layer == layer)
			return &s->entry[i];
	fail_msg("no %s in L%u", workload, layer);
	return NULL;
}

static void assert_says(const struct summary *s, const char *part)
{
	struct buf text = BUF_INIT;

	words_disturbed(s, 1000, &text);
	if (!strstr(buf_str(&text), part))
		fail_msg("\"%s\" does not hold \"%s\"", buf_str(&text), part);
	buf_release(&text);
}

static void assert_flagged(const struct summary_entry *e, const char *flag, bool wanted)
{
	struct buf text = BUF_INIT;

	summary_format_flags(e, &text);
	assert_int_equal(strstr(buf_str(&text), flag) != NULL, wanted);
	buf_release(&text);
}

static void test_the_remeasured_round_counts(void **state)
{
	const uint32_t disturbed[] = {3, 0}, none[] = {0};
	struct summary s, quiet;
	const struct summary_entry *e;

	(void)state;
	summarise(7, remeasured, disturbed, &s);
	summarise(6, NULL, none, &quiet);
	e = entry(&s, "mem.chase", 1);
	assert_int_equal(e->cells, 6);
	assert_int_equal(e->batches, 6 * MADE_RUN.batches);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(e->cell[i].round, i + 1);
		assert_int_equal(e->cell[i].by, i == 2 ? 7 : i + 1);
		assert_false(e->cell[i].disturbed);
	}
	/* Nothing of the disturbance is left in the ratios: they differ by their noise. */
	assert_close(e->ratio_l0.high, entry(&quiet, "mem.chase", 1)->ratio_l0.high, 0.03);
	assert_flagged(e, "disturbed", false);
	assert_int_equal(s.rounds, 6);
	assert_int_equal(s.disturbed.rounds, 1);
	assert_int_equal(s.disturbed.remeasured, 1);
	assert_says(&s, "1 of 6 rounds was disturbed (round 3 of boot 1: others used 30.0 % of "
			"the CPUs). It was remeasured, and the new round counts; all rows are in "
			"samples.csv.");
	assert_int_equal(quiet.disturbed.rounds, 0);
	summary_release(&s);
	summary_release(&quiet);
}

static void test_a_round_not_remeasured_counts(void **state)
{
	const uint32_t disturbed[] = {2, 5, 0};
	struct summary s;

	(void)state;
	summarise(6, NULL, disturbed, &s);
	assert_int_equal(entry(&s, "nop", 0)->cells, 6);
	assert_true(entry(&s, "nop", 0)->cell[4].disturbed);
	assert_flagged(entry(&s, "nop", 0), "disturbed:2", true);
	assert_says(&s, "2 of 6 rounds were disturbed (the first, round 2 of boot 1: ");
	assert_says(&s, "None was remeasured: they count, flagged; ");
	summary_release(&s);
}

/* It counts all the same, and the table says so. */
static void test_remeasured_and_disturbed_again(void **state)
{
	const uint32_t disturbed[] = {3, 7, 0};
	struct summary s;

	(void)state;
	summarise(7, remeasured, disturbed, &s);
	assert_true(entry(&s, "nop", 1)->cell[2].disturbed);
	assert_int_equal(entry(&s, "nop", 1)->cell[2].by, 7);
	assert_int_equal(s.disturbed.rounds, 1);
	assert_says(&s, "1 of the new ones was disturbed too; ");
	summary_release(&s);
}

/* Ratios are of one round: where the new one lacks a layer, the disturbed one counts. */
static void test_remeasured_in_part(void **state)
{
	const uint32_t disturbed[] = {3, 0};
	struct summary s;

	(void)state;
	summarise(7, cut_short, disturbed, &s);
	for (uint32_t layer = 0; layer <= 2; layer++) {
		assert_int_equal(entry(&s, "mem.chase", layer)->cells, 6);
		assert_int_equal(entry(&s, "mem.chase", layer)->cell[2].by, 3);
		assert_true(entry(&s, "mem.chase", layer)->cell[2].disturbed);
		assert_int_equal(entry(&s, "mem.stream", layer)->cells, 6);
		assert_int_equal(entry(&s, "mem.stream", layer)->cell[2].by, 7);
	}
	summary_release(&s);
}

static void test_odd_remarks(void **state)
{
	const uint32_t none[] = {0};
	struct summary s;

	(void)state;
	summarise(7, claims_a_later_round, none, &s);
	assert_int_equal(entry(&s, "nop", 1)->cells, 7);
	assert_int_equal(entry(&s, "nop", 1)->cell[6].by, 7);
	summary_release(&s);
	summarise(8, twice, none, &s);
	assert_int_equal(entry(&s, "nop", 1)->cells, 6);
	assert_int_equal(entry(&s, "nop", 1)->cell[2].by, 7);
	summary_release(&s);
}

static void add_flags(const char *dir, uint32_t layer, const char *flags)
{
	struct facts facts = FACTS_INIT;
	struct err err;

	facts_set(&facts, "cpu_flags", "%s", flags);
	assert_works(layers_append(dir, MADE_ID, 1, layer, &facts, &err), err);
	facts_release(&facts);
}

static void test_cpus_that_differ(void **state)
{
	char *dir = test_dir_make();
	struct buf text = BUF_INIT;
	struct summary s;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	words_lacks(&s, 1000, &text);
	assert_int_equal(text.len, 0);
	summary_release(&s);
	add_flags(dir, 0, "svm avx avx2 sha_ni erms");
	add_flags(dir, 1, "svm npt avx avx2");
	add_flags(dir, 2, "avx2");
	assert_works(summary_build(dir, &s, &err), err);
	assert_string_equal(s.layer[0].lacks, "");
	assert_string_equal(s.layer[1].lacks, "sha_ni, erms");
	assert_string_equal(s.layer[2].lacks, "avx");
	words_lacks(&s, 1000, &text);
	assert_non_null(
		strstr(buf_str(&text), "L1's does not show sha_ni, erms; L2's does not show avx."));
	summary_release(&s);
	buf_release(&text);
	test_dir_remove(dir);
}

static void add_event(const char *dir, uint32_t boot, uint32_t layer, const char *key,
		      const char *why)
{
	struct facts facts = FACTS_INIT;
	struct err err;

	facts_set(&facts, key, "%s", why);
	assert_works(layers_append(dir, MADE_ID, boot, layer, &facts, &err), err);
	facts_release(&facts);
}

static void assert_start(const char *dir, const char *want)
{
	struct buf text = BUF_INIT, all = BUF_INIT;
	struct summary s;
	struct err err;

	assert_works(summary_build(dir, &s, &err), err);
	words_start(&s, 1000, &text);
	assert_string_equal(buf_str(&text), want);
	words_grounds(&s, 1000, &all);
	assert_non_null(strstr(buf_str(&all), want));
	summary_release(&s);
	buf_release(&text);
	buf_release(&all);
}

static void test_how_the_start_went(void **state)
{
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	/* A guest cannot claim so: only L0's facts count. */
	add_event(dir, 1, 1, LAYERS_STARTED_AGAIN, "a lie");
	add_event(dir, 1, 2, LAYERS_CALIBRATED_WITHOUT, "a lie");
	assert_start(dir, "");
	add_event(dir, 1, 0, LAYERS_STARTED_AGAIN, "L1 is gone: silent for 31 s \033[31m<b>");
	assert_start(dir, "  - all layers were started again (L1 is gone: silent for 31 s "
			  "[31m<b>): every round was measured after the last start.\n");
	add_event(dir, 3, 0, LAYERS_STARTED_AGAIN, "L2 is gone: silent for 50 s");
	add_event(dir, 2, 0, LAYERS_CALIBRATED_WITHOUT,
		  "L2 is gone: QEMU ended, while nop was calibrated in L2");
	assert_start(
		dir,
		"  - all layers were started again in 2 boots, first in boot 1 (L1 "
		"is gone: silent for 31 s [31m<b>): every round was measured after the "
		"last start.\n"
		"  - the operations of a batch were calibrated without a layer in boot 2 (L2 is "
		"gone: QEMU ended, while nop was calibrated in L2): their numbers are for the "
		"remaining layers.\n");
	test_dir_remove(dir);
}

/* Warnings of the layers, and restarts, are remarks. */
static void test_restarts_and_warnings(void **state)
{
	char *dir = test_dir_make();
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	add_event(dir, 1, 2, LAYERS_RESTARTED, "a lie");
	assert_start(dir, "");
	add_event(dir, 2, 0, LAYERS_RESTARTED, "L2 (L2 is gone: QEMU was ended by signal 9)");
	add_event(dir, 1, 1, "warning", "QEMU 7.2 can freeze it");
	assert_start(
		dir,
		"  - L1: QEMU 7.2 can freeze it.\n"
		"  - lost layers were started again in the rounds, as a new boot, in boot 2 (L2 "
		"(L2 is gone: QEMU was ended by signal 9)): the round was measured again; its "
		"first part counts with the boot before.\n");
	test_dir_remove(dir);
}

static uint64_t failed_rows(const char *dir)
{
	struct summary s;
	struct err err;
	uint64_t failed;

	assert_works(summary_build(dir, &s, &err), err);
	failed = s.failed;
	summary_release(&s);
	return failed;
}

/* The row of a layer that was lost is no failure where its round was measured again. */
static void test_round_made_again(void **state)
{
	struct row row = {.run = "20260131-120000-lab",
			  .boot = 1,
			  .round = 2,
			  .layer = 2,
			  .workload = "cpu.int",
			  .class = "cpu",
			  .params = "",
			  .threads = 1,
			  .sample = {.status = SAMPLE_FAIL, .reason = "L2 is gone"}};
	struct csv_writer rows = CSV_WRITER_NONE;
	char *dir = test_dir_make();
	uint64_t before;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	before = failed_rows(dir);
	assert_works(rows_writer_open(&rows, dir, &err), err);
	assert_works(rows_writer_put(&rows, &row, &err), err);
	assert_works(csv_writer_close(&rows, &err), err);
	assert_int_equal(failed_rows(dir), before + 1);
	add_event(dir, 2, 0, LAYERS_FROM_ROUND, "3");
	assert_int_equal(failed_rows(dir), before + 1);
	add_event(dir, 2, 0, LAYERS_FROM_ROUND, "2");
	assert_int_equal(failed_rows(dir), before);
	test_dir_remove(dir);
}

/* cpu.int on each CPU, and a workload that needs two. */
static bool one_cpu(struct row *row)
{
	if (strcmp(row->workload, "cpu.int") == 0)
		row->threads = THREADS_ON_EACH_CPU;
	if (strcmp(row->workload, "cpu.syscall") == 0) {
		row->workload = "cpu.futex";
		row->params = "place=apart";
		row->sample = (struct sample){.status = SAMPLE_SKIP};
		sample_set_reason(&row->sample, "place=apart needs two CPUs");
	}
	return true;
}

static void test_one_cpu(void **state)
{
	const uint32_t none[] = {0};
	struct buf text = BUF_INIT;
	struct summary s;

	(void)state;
	summarise(6, one_cpu, none, &s);
	assert_int_equal(entry(&s, "cpu.int", 2)->threads, THREADS_ON_EACH_CPU);
	assert_false(isnan(entry(&s, "cpu.int", 2)->ratio_l0.mid));
	words_cpus(&s, 1000, &text); /* the number of CPUs is not known */
	assert_int_equal(text.len, 0);
	s.layer[0].vcpus = 2;
	s.layer[1].vcpus = s.layer[2].vcpus = 1;
	words_cpus(&s, 1000, &text);
	assert_string_equal(buf_str(&text),
			    "  - each layer has one vCPU; skipped: cpu.futex; in one thread: "
			    "cpu.int. --vcpus 2 measures them with two.\n");
	buf_clear(&text);
	strcpy(s.manifest.mode, "share");
	words_cpus(&s, 1000, &text);
	assert_int_equal(text.len, 0);
	summary_release(&s);
	buf_release(&text);
}

static void test_threads_word(void **state)
{
	char text[THREADS_TEXT];

	(void)state;
	assert_string_equal(threads_word(1, text), "threads=1");
	assert_string_equal(threads_word(UINT32_MAX, text), "threads=4294967295");
	assert_string_equal(threads_word(THREADS_ON_EACH_CPU, text), "threads=all");
}

static void test_keys(void **state)
{
	static const char *const others[] = {
		"round",	 "round.",  "round.x.noise",  "round.-1.noise",
		"round.0.noise", "round.3", "rounds.3.noise", "round.99999999999.noise"};
	char key[DISTURBED_KEY];

	(void)state;
	assert_string_equal(disturbed_key(key, 3, DISTURBED_REPEATS), "round.3.repeats");
	assert_true(disturbed_is_key(key));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(disturbed_is_key(others[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_remeasured_round_counts),
		cmocka_unit_test(test_a_round_not_remeasured_counts),
		cmocka_unit_test(test_remeasured_and_disturbed_again),
		cmocka_unit_test(test_remeasured_in_part),
		cmocka_unit_test(test_odd_remarks),
		cmocka_unit_test(test_cpus_that_differ),
		cmocka_unit_test(test_how_the_start_went),
		cmocka_unit_test(test_restarts_and_warnings),
		cmocka_unit_test(test_round_made_again),
		cmocka_unit_test(test_one_cpu),
		cmocka_unit_test(test_threads_word),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
