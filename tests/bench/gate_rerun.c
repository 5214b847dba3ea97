/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gate measures again, and what counts as the same version. */
#include "tests/check.h"

#include "bench/commands/gate_rerun.h"
#include "bench/run/run.h"
#include "results/rundir/layers.h"
#include "tests/results/make_run.h"

static char *dir;

static const char *at(const char *name)
{
	static char path[2][512];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static bool slow_fault(struct row *row)
{
	if (row->layer && strcmp(row->workload, "mem.fault") == 0)
		row->sample.elapsed_ns = row->sample.elapsed_ns * 6 / 5;
	return row->layer != 2 || strcmp(row->workload, "io.fsync") != 0;
}

static void make(const char *name, bool (*edit)(struct row *row), const char *key,
		 const char *value)
{
	struct made_run run = MADE_RUN;
	struct facts facts = FACTS_INIT;
	struct err err = {0};

	run.boots = 4;
	run.edit = edit;
	assert_works(file_make_dirs(at(name), &err), err);
	assert_works(make_run(at(name), &run, &err), err);
	facts_set(&facts, key, "%s", value);
	assert_works(layers_append(at(name), MADE_ID, 1, 1, &facts, &err), err);
	facts_release(&facts);
}

static int set_up(void **state)
{
	(void)state;
	dir = test_dir_make();
	make("base", NULL, "kernel", "6.1");
	make("same", NULL, "kernel", "6.1");
	make("slow", slow_fault, "kernel", "6.1");
	make("other", NULL, "kernel", "6.2");
	make("smaller", NULL, "vcpus", "9");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

/* Judges NEW against base and marks what is to be measured again. */
static size_t choose(const char *new, const struct gate_rules *rules, bool job[64],
		     struct manifest *m, bool *wanted)
{
	static const struct compare_options how = {.same = COMPARE_SAME};
	const char *const a[] = {at("base"), NULL}, *const b[] = {at(new), NULL};
	struct comparison c;
	struct gate g;
	struct err err;
	size_t count;

	assert_works(manifest_load(a[0], m, &err), err);
	assert_true(m->jobs < 64);
	assert_works(compare_runs(a, b, &how, false, &c, &err), err);
	assert_works(gate_judge(&c, rules, &g, &err), err);
	*wanted = gate_rerun_wanted(&g);
	count = gate_rerun_choose(&g, m, job);
	gate_release(&g);
	comparison_release(&c);
	return count;
}

static void test_choice(void **state)
{
	struct gate_rule lax = {.scope = GATE_FOR_ALL, .policy = GATE_POLICY};
	struct gate_rules rules = {0};
	struct manifest m = {0};
	bool job[64], wanted;

	(void)state;
	/* Regressions, and what is missing. */
	assert_int_equal(choose("slow", &rules, job, &m, &wanted), 2);
	assert_true(wanted);
	for (size_t i = 0; i < m.jobs; i++)
		assert_int_equal(job[i], strcmp(m.job[i].workload, "mem.fault") == 0 ||
						 strcmp(m.job[i].workload, "io.fsync") == 0);
	manifest_release(&m);
	choose("same", &rules, job, &m, &wanted);
	assert_false(wanted);
	manifest_release(&m);
	/* What the rules let pass is not worth the time. */
	lax.policy.allow = lax.sets.allow = true;
	rules = (struct gate_rules){.rule = &lax, .count = 1};
	choose("slow", &rules, job, &m, &wanted);
	assert_false(wanted);
	manifest_release(&m);
}

static void test_same_version(void **state)
{
	struct err why = {0};

	(void)state;
	assert_true(gate_rerun_same(at("base"), at("same"), &why));
	assert_false(gate_rerun_same(at("base"), at("other"), &why));
	assert_string_equal(why.text, "L1: kernel was 6.1 and is 6.2 now");
	make("more", NULL, "vcpus", "8");
	assert_false(gate_rerun_same(at("smaller"), at("more"), &why));
	assert_string_equal(why.text, "L1: vcpus was 9 and is 8 now");
	assert_false(gate_rerun_same(at("base"), at("nowhere"), &why));
}

/* A machine that is slow: how many boots still fit. */
static void test_limit(void **state)
{
	const struct run_limit limit = {.ns = 0, .clock = &clock_machine};
	const struct run_limit long_limit = {.ns = UINT64_MAX, .clock = &clock_machine};
	struct session_stand stand = {.boot = 1, .round = 1, .all_rounds = 1};
	struct session_size size = {.boots = 5, .rounds = 2};
	struct err err;

	(void)state;
	/* A boot that was begun is ended. */
	assert_works(run_keep_limit((void *)&limit, &stand, &size, &err), err);
	assert_int_equal(size.boots, 5);
	stand.round = stand.all_rounds = 2;
	assert_works(run_keep_limit((void *)&long_limit, &stand, &size, &err), err);
	assert_int_equal(size.boots, 5);
	assert_works(run_keep_limit((void *)&limit, &stand, &size, &err), err);
	assert_int_equal(size.boots, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_same_version),
		cmocka_unit_test(test_limit),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
