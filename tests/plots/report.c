/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report as text: neither gnuplot nor a browser needed. */
#include "tests/check.h"

#include "lib/class.h"
#include "lib/file.h"
#include "lib/program.h"
#include "plots/report/report_parts.h"
#include "tests/results/make_exits.h"
#include "tests/results/make_run.h"

/* Makes the report of a made-up run, without pictures; `again` is the reason why its layers were
 * started again. */
static void make_report_of(const struct made_run *run, const char *again, enum doc_form form,
			   struct buf *out)
{
	struct facts facts = FACTS_INIT;
	char *dir = test_dir_make();
	struct summary s;
	struct report report = {.s = &s, .missing = "there is no gnuplot here"};
	struct err err;

	assert_works(make_run(dir, run, &err), err);
	if (again) {
		facts_set(&facts, LAYERS_STARTED_AGAIN, "%s", again);
		facts_set(&facts, LAYERS_CALIBRATED_WITHOUT, "%s", again);
		assert_works(layers_append(dir, MADE_ID, 1, 0, &facts, &err), err);
		facts_release(&facts);
	}
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(report_format(form, &report, out, &err), err);
	summary_release(&s);
	test_dir_remove(dir);
}

static void make_report(const struct made_run *run, enum doc_form form, struct buf *out)
{
	make_report_of(run, NULL, form, out);
}

static void assert_has(const struct buf *text, const char *part)
{
	if (!strstr(buf_str(text), part))
		fail_msg("the report lacks \"%s\"", part);
}

/* How often a part occurs. */
static size_t count(const struct buf *text, const char *part)
{
	size_t found = 0;

	for (const char *at = buf_str(text); (at = strstr(at, part)); at++)
		found++;
	return found;
}

static void test_golden(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	make_report(&MADE_RUN, DOC_MARKDOWN, &text);
	assert_golden("plots/golden/report.md", buf_str(&text));
	buf_release(&text);
}

/* Names, a section of the kinds, and a verdict on each step; a name is data. */
static void test_tree(void **state)
{
	struct made_run run = made_tree_run();
	struct made_layer layer[MADE_TREE];
	struct buf page = BUF_INIT, text = BUF_INIT;

	(void)state;
	memcpy(layer, made_tree, sizeof(layer));
	layer[2].path = "<script>alert(1)</script>";
	run.tree = layer;
	make_report(&run, DOC_HTML, &page);
	assert_null(strstr(buf_str(&page), "<script>"));
	assert_has(&page, "<a href=\"#kinds\">Kinds of layers</a>");
	assert_has(&page, "<th scope=\"row\" class=\"l\">L2:xen/pv<span class=\"pill holds\">");
	assert_has(&page, "a database (app.sqlite) at depth 1: L1:&lt;script&gt;");
	assert_has(&page, "L2:xen/pv over L2:xen/pvh");
	make_report(&run, DOC_MARKDOWN, &text);
	assert_has(&text, "Along L0 &gt; L1:xen &gt; L2:xen/pvh:");
	buf_release(&page);
	buf_release(&text);
	make_report(&MADE_RUN, DOC_HTML, &page);
	assert_null(strstr(buf_str(&page), "#kinds"));
	buf_release(&page);
}

/* A reason is data; a remark alone is worth the section. */
static bool odd_reason(struct exit_row *row)
{
	if (strcmp(row->reason, "io") == 0)
		row->reason = "<script>alert(1)</script>";
	return true;
}

static void test_exits(void **state)
{
	char *dir = test_dir_make();
	struct buf page = BUF_INIT;
	struct summary s;
	const struct report report = {.s = &s};
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	assert_works(make_exits(dir, &MADE_RUN, made_exits, odd_reason, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(report_format(DOC_HTML, &report, &page, &err), err);
	assert_null(strstr(buf_str(&page), "<script>"));
	assert_has(&page, "<a href=\"#why\">Where the time goes</a>");
	assert_has(&page, "Exits of L2 kvm on emulated CPU, counted in L1");
	assert_has(&page, "&lt;script&gt;");
	assert_has(&page, "cpuid of L2");
	assert_has(&page, "7.00");
	summary_release(&s);
	buf_release(&page);
	test_dir_remove(dir);
	make_report(&MADE_RUN, DOC_HTML, &page);
	assert_null(strstr(buf_str(&page), "#why"));
	buf_release(&page);
}

static void test_page(void **state)
{
	static const char *const pairs[] = {"section", "article", "table",   "tr",  "ul",    "li",
					    "details", "svg",	  "caption", "p",   "h2",    "h3",
					    "figure",  "thead",	  "tbody",   "div", "style", NULL};
	struct buf text = BUF_INIT;
	char open[32], open_with[32], close[32];

	(void)state;
	make_report(&MADE_RUN, DOC_HTML, &text);
	assert_has(&text, "<!DOCTYPE html>");
	assert_has(&text, "default-src 'none'");
	assert_has(&text, "prefers-color-scheme:dark");
	assert_has(&text, "@media print");
	assert_has(&text, "The CPU was EMULATED");
	assert_has(&text, "L0 is itself a VM");
	assert_has(&text, "there is no gnuplot here");
	assert_has(&text, "Made-up CPU, &quot;2 cores&quot;");
	assert_null(strstr(buf_str(&text), "<script"));
	assert_null(strstr(buf_str(&text), "http:"));
	assert_null(strstr(buf_str(&text), "https:"));
	assert_true(count(&text, "class=\"strip\" role=\"img\"") >= 12);
	for (size_t i = 0; pairs[i]; i++) {
		snprintf(open, sizeof(open), "<%s>", pairs[i]);
		snprintf(open_with, sizeof(open_with), "<%s ", pairs[i]);
		snprintf(close, sizeof(close), "</%s>", pairs[i]);
		if (count(&text, open) + count(&text, open_with) != count(&text, close))
			fail_msg("%s is not closed as often as opened", pairs[i]);
	}
	buf_release(&text);
}

static void test_cpu(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT;

	(void)state;
	run.below_l0 = "TCGTCGTCGTCG";
	run.accel[1] = "kvm";
	make_report(&run, DOC_HTML, &text);
	assert_has(&text, "The CPU was EMULATED: L0 on emulated CPU; L1 kvm on emulated CPU; L2 ");
	buf_clear(&text);
	run.below_l0 = NULL;
	run.accel[1] = NULL;
	make_report(&run, DOC_HTML, &text);
	assert_has(&text, "It is not known whether the CPU was emulated in L1, L2: the figures");
	assert_null(strstr(buf_str(&text), "The CPU was EMULATED"));
	buf_release(&text);
}

#define EVIL "<script>alert('x')</script>&\"<img src=x onerror=y>"

static bool hostile(struct row *row)
{
	if (strcmp(row->workload, "nop") == 0)
		row->workload = EVIL;
	if (strcmp(row->workload, "mem.chase") == 0)
		row->params = "\"><script>";
	if (strcmp(row->workload, "exit.cpuid") == 0 && row->layer == 2) {
		row->sample.status = SAMPLE_SUSPECT;
		sample_set_reason(&row->sample, EVIL " [x](http://y) | @all `z`");
	}
	if (strcmp(row->workload, "io.fsync") == 0 && row->sample.batch > 1)
		sample_set_reason(&row->sample, "a remark " EVIL " [x](http://y) | @all");
	return true;
}

/* What guests say can neither begin an element nor, in Markdown, a link, a mention or a column. */
/* Only where such a workload was counted. */
static void test_memory_path(void **state)
{
	static const struct made_workload work[] = {
		{"nop", "", 1, {1, 1, 1}},
		{"mem.fault", "size=16MiB pages=huge by=mmap backing=cold", 500, {1, 9, 40}},
		{0},
	};
	static const struct made_exit exits[] = {
		{2, 2, "mem.fault", "kvm_stats", "pf_fixed", 1, 0, 0},
		{2, 2, NULL, "kvm_exit", "npf", 0, 0, 1},
		{2, 2, "mem.fault", "kvm_exit", "npf", 1, 0, 0},
		{0},
	};
	struct made_run run = MADE_RUN;
	char *dir = test_dir_make();
	struct report report = {.missing = "there is no gnuplot here"};
	struct buf text = BUF_INIT;
	struct summary s;
	struct err err;

	(void)state;
	run.workloads = work;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(make_exits(dir, &run, exits, NULL, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	report.s = &s;
	assert_works(report_format(DOC_HTML, &report, &text, &err), err);
	assert_has(&text, "What touching memory costs");
	assert_has(&text, "mem.fault in L2");
	assert_has(&text, "1.00000 [");
	assert_has(&text, "split: 100 % of these huge pages of the layer");
	buf_clear(&text);
	make_report(&run, DOC_HTML, &text);
	assert_int_equal(count(&text, "What touching memory costs"), 0);
	buf_release(&text);
	summary_release(&s);
	test_dir_remove(dir);
}

static void test_hostile(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT;

	(void)state;
	run.edit = hostile;
	run.accel[1] = "<b>";
	make_report(&run, DOC_HTML, &text);
	assert_null(strstr(buf_str(&text), "<script"));
	assert_null(strstr(buf_str(&text), "<img"));
	assert_null(strstr(buf_str(&text), "<b>"));
	assert_has(&text, "&lt;script&gt;");
	assert_has(&text, ">a remark &lt;script&gt;");
	buf_clear(&text);
	make_report(&run, DOC_MARKDOWN, &text);
	assert_has(&text, "a remark ");
	assert_null(strstr(buf_str(&text), "<script"));
	assert_null(strstr(buf_str(&text), "[x]("));
	assert_null(strstr(buf_str(&text), "@all"));
	assert_null(strstr(buf_str(&text), " | \\@"));
	assert_has(&text, "\\|");
	buf_release(&text);
}

/* The report shows a failed start, whose reason may come from a guest. */
static void test_bad_start(void **state)
{
	struct buf text = BUF_INIT;

	(void)state;
	make_report_of(&MADE_RUN, "L1 is gone: " EVIL " [x](y)", DOC_HTML, &text);
	assert_has(&text, "<li>all layers were started again (L1 is gone: &lt;script&gt;");
	assert_has(&text,
		   "<li>the operations of a batch were calibrated without a layer (L1 is gone: ");
	assert_null(strstr(buf_str(&text), "<script"));
	assert_null(strstr(buf_str(&text), "<img"));
	buf_clear(&text);
	make_report_of(&MADE_RUN, "L1 is gone: " EVIL " [x](y)", DOC_MARKDOWN, &text);
	assert_has(&text, "all layers were started again");
	assert_null(strstr(buf_str(&text), "<script"));
	assert_null(strstr(buf_str(&text), "[x]("));
	buf_release(&text);
}

static bool nothing(struct row *row)
{
	(void)row;
	return false;
}

static bool gap(struct row *row)
{
	return row->layer != 2 || strncmp(row->workload, "io.", 3) != 0;
}

static void test_incomplete(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT;

	(void)state;
	run.edit = gap;
	run.rounds = 3;
	run.state = RUN_INTERRUPTED;
	make_report(&run, DOC_HTML, &text);
	assert_has(&text, "This run is not complete");
	assert_has(&text, "no data");
	buf_clear(&text);
	run.edit = nothing;
	make_report(&run, DOC_HTML, &text);
	assert_has(&text, "No row of this run could be used");
	buf_release(&text);
}

static void test_one_layer(void **state)
{
	struct made_run run = MADE_RUN;
	struct buf text = BUF_INIT;

	(void)state;
	run.depth = 0;
	make_report(&run, DOC_HTML, &text);
	assert_has(&text, "Only L0 was measured");
	buf_release(&text);
}

static void test_escape(void **state)
{
	struct doc d = {.form = DOC_HTML};

	(void)state;
	doc_escape(&d, "a<b>&\"'\x01\x7f\xc3\xa9\xff\xe2\x80\xae\xed\xa0\x80×");
	assert_string_equal(buf_str(&d.out), "a&lt;b&gt;&amp;&quot;&apos;??é???????×");
	buf_clear(&d.out);
	d.form = DOC_MARKDOWN;
	doc_escape(&d, "a|b*c_d`e[f]g@h#i$j");
	assert_string_equal(buf_str(&d.out), "a\\|b\\*c\\_d\\`e\\[f\\]g&#64;h\\#i\\$j");
	buf_release(&d.out);
}

/* Each kind of work is explained, and each verdict. */
static void test_words(void **state)
{
	static const char *const more[] = {"verdict: not resolved, no interval",
					   "verdict: not judged, capacity",
					   "verdict: no ratio",
					   "verdict: no ratio, boot",
					   "method",
					   "flags"};
	struct buf words = BUF_INIT;
	char mark[80], *path;
	struct err err;

	path = program_path("plots/report.md", &err);
	assert_non_null(path);
	assert_works(file_read(path, 1 << 20, &words, &err), err);
	for (int class = 0; class < CLASS_COUNT; class ++) {
		snprintf(mark, sizeof(mark), "\n# why: %s\n\n", class_name(class));
		if (class != CLASS_BOOT)
			assert_has(&words, mark);
	}
	for (int v = VERDICT_NOT_JUDGED; v <= VERDICT_STAYS; v++) {
		snprintf(mark, sizeof(mark), "\n# verdict: %s\n\n", verdict_name(v));
		assert_has(&words, mark);
	}
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		snprintf(mark, sizeof(mark), "\n# %s\n\n", more[i]);
		assert_has(&words, mark);
	}
	buf_release(&words);
	free(path);
}

static void test_axis(void **state)
{
	double tic[AXIS_TICS];
	char text[AXIS_TEXT];

	(void)state;
	assert_int_equal(axis_tics(1, 1000, 6, tic), 4);
	assert_close(tic[3], 1000, 1e-6);
	assert_in_range(axis_tics(3.6, 10.8, 6, tic), 3, 6);
	assert_in_range(axis_tics(1e-3, 1e12, 6, tic), 2, 6);
	assert_in_range(axis_tics(100, 121, 6, tic), 2, 6);
	assert_string_equal(axis_time(1500, text), "1.5 us");
	assert_string_equal(axis_time(1e9, text), "1 s");
	assert_string_equal(axis_time(0.3, text), "0.3 ns");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_path), cmocka_unit_test(test_golden),
		cmocka_unit_test(test_tree),	    cmocka_unit_test(test_page),
		cmocka_unit_test(test_exits),	    cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_incomplete),  cmocka_unit_test(test_one_layer),
		cmocka_unit_test(test_escape),	    cmocka_unit_test(test_words),
		cmocka_unit_test(test_axis),	    cmocka_unit_test(test_bad_start),
		cmocka_unit_test(test_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
