/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/streams.h"
#include "results/compare/gate.h"
#include "results/export/export.h"
#include "tests/results/make_run.h"

/* What is done to the rows of the new run: L1 of mem.fault is slower, io.fsync fails in L2. */
static double slower;
static bool fails;

static bool change(struct row *row)
{
	if (row->layer == 1 && strcmp(row->workload, "mem.fault") == 0)
		row->sample.elapsed_ns = (uint64_t)((double)row->sample.elapsed_ns * slower);
	if (fails && row->layer == 2 && strcmp(row->workload, "io.fsync") == 0) {
		row->sample.status = SAMPLE_FAIL;
		sample_set_reason(&row->sample, "the disk <broke>");
	}
	return true;
}

static void read_rules(const char *text, struct gate_rules *rules)
{
	char *dir = test_dir_make(), path[4096];
	struct err err = {0};

	snprintf(path, sizeof(path), "%s/gate.ini", dir);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
	assert_works(gate_rules_read(path, rules, &err), err);
	test_dir_remove(dir);
}

struct gated {
	char *dir[2];
	struct gate_rules rules;
	struct comparison c;
	struct gate g;
};

static void run_gate(struct gated *t, const struct made_run *base, const char *rules_text)
{
	const struct compare_options how = {.same = COMPARE_SAME};
	struct made_run new = *base;
	struct err err = {0};

	new.edit = change;
	for (int i = 0; i < 2; i++) {
		t->dir[i] = test_dir_make();
		assert_works(make_run(t->dir[i], i ? &new : base, &err), err);
	}
	read_rules(rules_text, &t->rules);
	assert_works(compare_runs((const char *const[]){t->dir[0], NULL},
				  (const char *const[]){t->dir[1], NULL}, &how, false, &t->c, &err),
		     err);
	assert_works(gate_judge(&t->c, &t->rules, &t->g, &err), err);
}

static void release(struct gated *t)
{
	gate_release(&t->g);
	gate_rules_release(&t->rules);
	comparison_release(&t->c);
	test_dir_remove(t->dir[0]);
	test_dir_remove(t->dir[1]);
}

static struct made_run five_boots(void)
{
	struct made_run run = MADE_RUN;

	run.boots = 5;
	slower = 1;
	fails = false;
	return run;
}

static void test_pass(void **state)
{
	struct made_run run = five_boots();
	struct gated t;

	(void)state;
	/* The machine drifts by more than 1 %: costs are blind, overheads are not. */
	run_gate(&t, &run, "[default]\nthreshold = 1%\n");
	assert_int_equal(t.g.code, EXIT_INCONCLUSIVE);
	assert_true(t.g.count[GATE_BLIND] > 0);
	release(&t);
	run_gate(&t, &run, "[default]\ncheck = overhead\n");
	assert_int_equal(t.g.code, EXIT_FINE);
	assert_int_equal(t.g.count[GATE_PASS], t.g.findings);
	assert_int_equal(t.g.findings, 13 * 3);
	release(&t);
	run_gate(&t, &run, "[default]\ninconclusive = pass\n");
	assert_int_equal(t.g.code, EXIT_FINE);
	release(&t);
}

static void test_regression(void **state)
{
	struct made_run run = five_boots();
	struct buf out = BUF_INIT;
	struct gated t;

	(void)state;
	slower = 1.3;
	run_gate(&t, &run, "[default]\ncheck = overhead\n");
	assert_int_equal(t.g.code, EXIT_REGRESSION);
	assert_int_equal(t.g.count[GATE_REGRESSION], 1);
	assert_string_equal(t.g.finding[0].item->workload, "mem.fault");
	gate_format(&t.g, true, &out);
	assert_golden("results/golden/gate.txt", buf_str(&out));
	release(&t);
	/* Exceeds no threshold of 40 %; is allowed; is allowed for the class, but not for it. */
	run_gate(&t, &run, "[default]\ncheck = overhead\n[class mem]\nthreshold = 40%\n");
	assert_int_equal(t.g.code, EXIT_FINE);
	release(&t);
	run_gate(&t, &run, "[default]\ncheck = overhead\n[workload mem.fault*]\nallow = yes\n");
	assert_int_equal(t.g.code, EXIT_FINE);
	assert_int_equal(t.g.count[GATE_ALLOWED], 1);
	release(&t);
	run_gate(&t, &run,
		 "[workload mem.f*]\nthreshold = 10%\n[class mem]\nthreshold = 40%\n"
		 "[default]\ncheck = overhead\n");
	assert_int_equal(t.g.code, EXIT_REGRESSION);
	release(&t);
	buf_release(&out);
}

/* Within one boot nothing is a regression. */
static void test_one_boot(void **state)
{
	struct made_run run = five_boots();
	struct gated t;

	(void)state;
	run.boots = 1;
	run.rounds = 12;
	slower = 3;
	run_gate(&t, &run, "[default]\ncheck = overhead\n");
	assert_int_equal(t.g.code, EXIT_INCONCLUSIVE);
	assert_int_equal(t.g.count[GATE_REGRESSION], 0);
	assert_int_equal(t.g.count[GATE_SUSPICIOUS], 1);
	release(&t);
}

static void test_missing(void **state)
{
	static const char *const argv[] = {"/usr/bin/xmllint", "--noout", "-", NULL};
	struct made_run run = five_boots();
	struct buf out = BUF_INIT, said = BUF_INIT;
	struct err err = {0};
	struct gated t;

	(void)state;
	fails = true;
	run_gate(&t, &run, "[default]\ncheck = overhead\n");
	assert_int_equal(t.g.code, EXIT_INCONCLUSIVE);
	assert_int_equal(t.g.count[GATE_MISSING], 1);
	gate_format(&t.g, false, &out);
	assert_non_null(strstr(buf_str(&out), "missing: io.fsync block=4KiB L2: BASE has figures, "
					      "NEW failed (the disk <broke>)"));
	buf_clear(&out);
	export_junit_gate(&t.g, &out);
	assert_non_null(strstr(buf_str(&out), "failures=\"0\" errors=\"1\" skipped=\"0\""));
	assert_non_null(strstr(buf_str(&out), "the disk &lt;broke&gt;"));
	if (access(argv[0], X_OK) == 0)
		assert_works(child_run(argv, NULL, buf_str(&out), 60 * NS_PER_S, &said, &err), err);
	release(&t);
	buf_release(&out);
	buf_release(&said);
}

static void test_nothing(void **state)
{
	const struct compare_options how = {.workloads = (const char *const[]){"no.such", NULL}};
	struct gate_rules rules = {0};
	struct comparison c;
	struct gate g;
	struct err err = {0};
	char *dir = test_dir_make();

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	assert_works(compare_runs((const char *const[]){dir, NULL},
				  (const char *const[]){dir, NULL}, &how, false, &c, &err),
		     err);
	assert_works(gate_judge(&c, &rules, &g, &err), err);
	assert_int_equal(g.code, EXIT_INCONCLUSIVE);
	gate_release(&g);
	comparison_release(&c);
	test_dir_remove(dir);
}

#define FORTY "0123456789012345678901234567890123456789"

static void test_bad_rules(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"[default]\nthreshold = 5\n", "gate.ini:2: threshold \"5\": expected a share"},
		{"[default]\nthreshold = -5%\n", "gate.ini:2: threshold"},
		{"[default]\nallow = maybe\n", "allow \"maybe\": expected no or yes"},
		{"[default]\ninconclusive = perhaps\n", "expected fail or pass"},
		{"\n[default]\ncheck = it\n", "gate.ini:3: check \"it\": expected all, cost"},
		{"[default]\ncolour = red\n", "key \"colour\": expected threshold"},
		{"threshold = 5%\n", "gate.ini:1: section \"\""},
		{"[classes mem]\nallow = yes\n", "expected [default], [class NAME]"},
		{"[default]\nrubbish\n", "gate.ini:2: neither"},
		{"[default\nallow = yes\n", "gate.ini:1: neither"},
		{"[workload " FORTY FORTY FORTY "]\nallow = yes\n", "fewer characters"},
		{"[class oi]\nallow = yes\n",
		 "gate.ini:1: class \"oi\": expected control, boot, cpu"},
		{"[default]\n[class oi]\n", "gate.ini:2: class \"oi\""},
		{"[class oi]\n", "did you mean \"io\"?"},
		{"[default]\rallow = yes\r", "gate.ini:1: line \"[default]?allow"},
		{"[default]\n\nallow = no\r# yes\n", "gate.ini:3: line"},
		{"[default]\nallow = " FORTY FORTY FORTY FORTY FORTY "\n", "gate.ini:2: line"},
	};
	static const char long_rule[] = "[workload " FORTY FORTY "]\nallow = yes\n";
	char *dir = test_dir_make(), path[4096];
	struct gate_rules rules;
	struct err err = {0};

	(void)state;
	snprintf(path, sizeof(path), "%s/gate.ini", dir);
	assert_fails(gate_rules_read(path, &rules, &err), err, EXIT_USAGE, "cannot read the rules");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_works(file_write_whole(path, cases[i].text, strlen(cases[i].text), &err),
			     err);
		assert_fails(gate_rules_read(path, &rules, &err), err, EXIT_USAGE, cases[i].says);
		assert_int_equal(rules.count, 0);
	}
	assert_works(file_write_whole(path, long_rule, strlen(long_rule), &err), err);
	assert_works(gate_rules_read(path, &rules, &err), err);
	assert_string_equal(rules.rule[0].name, FORTY FORTY);
	assert_true(rules.rule[0].policy.allow);
	gate_rules_release(&rules);
	test_dir_remove(dir);
}

/* A file with a byte-order mark, CR LF and a long comment says the same as without. */
static void test_rules_of_an_editor(void **state)
{
	struct buf text = BUF_INIT;
	struct gate_rules rules;

	(void)state;
	buf_addstr(&text, "\xef\xbb\xbf[default]\r\nallow = yes\r\n;");
	for (int i = 0; i < 50; i++)
		buf_addstr(&text, " allow = no");
	buf_addstr(&text, "\r\n[class mem]\r\ncheck = cost");
	read_rules(buf_str(&text), &rules);
	assert_int_equal(rules.count, 2);
	assert_true(gate_policy_of(&rules, &(struct compare_item){.workload = "nop",
								  .class = "control",
								  .params = ""})
			    .allow);
	assert_int_equal(gate_policy_of(&rules, &(struct compare_item){.workload = "mem.chase",
								       .class = "mem",
								       .params = ""})
				 .check,
			 GATE_CHECK_COST);
	gate_rules_release(&rules);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pass),
		cmocka_unit_test(test_regression),
		cmocka_unit_test(test_one_boot),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_bad_rules),
		cmocka_unit_test(test_rules_of_an_editor),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
