/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs whose layers are a tree. */
#include "tests/check.h"

#include <math.h>

#include "results/budget/replication.h"
#include "results/compare/compare.h"
#include "results/export/export.h"
#include "results/history/history.h"
#include "results/size/size.h"
#include "results/summary/kinds.h"
#include "results/summary/summary_parts.h"
#include "results/table/table.h"
#include "results/table/words.h"
#include "tests/results/make_run.h"
#include "tests/results/make_summary.h"

enum { KVM = 1, CONTAINER = 2, XEN = 4, PV = 5, PVH = 6 };

static void test_table(void **state)
{
	struct made_run run = made_tree_run();
	struct buf text = BUF_INIT;
	struct summary s;

	(void)state;
	make_summary(&run, &s);
	table_format(&s, &text);
	assert_golden("results/golden/table-tree.txt", buf_str(&text));
	buf_clear(&text);
	classes_format(&s, &text);
	assert_golden("results/golden/classes-tree.csv", buf_str(&text));
	buf_release(&text);
	summary_release(&s);
}

static double true_cost(const struct made_workload *w, uint32_t layer)
{
	return made_cost(w, made_tree[layer].like) * made_tree[layer].times;
}

/* Against L0 and against the parent, which is not the layer before. */
static void test_ratios(void **state)
{
	struct made_run run = made_tree_run();
	struct summary s;

	(void)state;
	make_summary(&run, &s);
	for (const struct made_workload *w = made_tree_workloads; w->name; w++) {
		const struct summary_entry *e = summary_find(&s, w->name, w->params, 1, PVH);
		double l0 = true_cost(w, PVH) / w->cost_ns,
		       up = true_cost(w, PVH) / true_cost(w, XEN);

		assert_non_null(e);
		/* Of a capacity less is worse. */
		assert_close(e->ratio_l0.mid / (summary_is_size(e) ? 1 / l0 : l0), 1, 0.01);
		assert_close(e->ratio_up.mid / (summary_is_size(e) ? 1 / up : up), 1, 0.01);
	}
	assert_int_equal(s.layer[3].cpu, CPU_EMULATED); /* the container in the emulated VM */
	assert_int_equal(s.layer[CONTAINER].cpu, CPU_HARDWARE);
	summary_release(&s);
}

static enum verdict step_of(const struct summary *s, const char *class, uint32_t layer)
{
	const struct summary_class *c = summary_find_class(s, class, layer);

	assert_non_null(c);
	return c->step;
}

/* Six steps are judged at once, so that six rounds of one boot, which resolve two, are too few. */
static void test_steps(void **state)
{
	struct made_run run = made_tree_run(), chain = MADE_RUN;
	struct summary s;

	(void)state;
	make_summary(&run, &s);
	assert_int_equal(step_of(&s, "mem", CONTAINER), VERDICT_STAYS);
	assert_int_equal(step_of(&s, "mem", XEN), VERDICT_SHRINKS);
	assert_int_equal(step_of(&s, "mem", PV), VERDICT_SHRINKS);
	assert_int_equal(summary_find_class(&s, "mem", PV)->verdict, VERDICT_SHRINKS);
	assert_int_equal(summary_class_towards(&s, "mem", PV)->layer, PV);
	summary_release(&s);
	run.boots = 1;
	make_summary(&run, &s);
	assert_int_equal(step_of(&s, "mem", PV), VERDICT_NOT_RESOLVED);
	summary_release(&s);
	make_summary(&chain, &s);
	assert_int_equal(step_of(&s, "mem", 2), VERDICT_SHRINKS);
	summary_release(&s);
	run.rounds = 7;
	make_summary(&run, &s);
	assert_int_equal(step_of(&s, "mem", PV), VERDICT_SHRINKS);
	summary_release(&s);
}

/* One layer lacks a class: the others are judged without it. */
static bool no_mem_in_pv(struct row *row)
{
	return row->layer != PV || strncmp(row->workload, "mem.", 4) != 0;
}

static void test_missing_class(void **state)
{
	struct made_run run = made_tree_run();
	struct summary s;

	(void)state;
	run.edit = no_mem_in_pv;
	make_summary(&run, &s);
	assert_null(summary_find_class(&s, "mem", PV));
	assert_int_equal(step_of(&s, "mem", PVH), VERDICT_SHRINKS);
	assert_int_equal(summary_class_towards(&s, "mem", PV)->layer, XEN);
	summary_release(&s);
}

static void check_says(const struct summary *s, const char *said)
{
	struct buf text = BUF_INIT;

	table_format(s, &text);
	if (!strstr(buf_str(&text), said))
		fail_msg("\"%s\" is not said by:\n%s", said, buf_str(&text));
	buf_release(&text);
}

/* A machine that is reached by the network, whose own host is not measured. */
static void test_no_host(void **state)
{
	struct made_run run = made_tree_run();
	struct made_layer layer[MADE_TREE];
	const struct summary_entry *e;
	struct buf text = BUF_INIT;
	struct summary s;

	(void)state;
	memcpy(layer, made_tree, sizeof(layer));
	layer[XEN] = (struct made_layer){LAYER_NO_PARENT, "ssh=vm1", "ssh", NULL, 1, 1};
	run.tree = layer;
	make_summary(&run, &s);
	e = summary_find(&s, "cpu.int", "", 1, XEN);
	assert_true(e->flags & FLAG_NO_HOST);
	assert_true(isnan(e->ratio_l0.mid) && isnan(e->ratio_up.mid) && e->cost.mid > 0);
	e = summary_find(&s, "cpu.int", "", 1, PV); /* stands in it */
	assert_true(isnan(e->ratio_l0.mid) && e->ratio_up.mid > 1);
	assert_null(summary_find_class(&s, "cpu", PV));
	check_says(&s, "ssh=vm1: its host is not part of the run");
	summary_format(&s, &text);
	assert_non_null(strstr(buf_str(&text), "no-host"));
	buf_release(&text);
	summary_release(&s);
}

static bool unplanned(struct row *row)
{
	row->layer = row->layer == PVH ? 9 : row->layer;
	return true;
}

static bool deeper(struct row *row)
{
	row->layer = row->layer == 2 ? 3 : row->layer;
	return true;
}

/* Rows of layers that the manifest does not tell of. */
static void test_unplanned(void **state)
{
	struct made_run run = made_tree_run(), chain = MADE_RUN;
	struct summary s;

	(void)state;
	run.edit = unplanned;
	make_summary(&run, &s);
	assert_int_equal(s.layers, 10);
	assert_string_equal(summary_layer_name(&s, 9), "layer 9");
	assert_true(isnan(summary_find(&s, "cpu.int", "", 1, 9)->ratio_l0.mid));
	summary_release(&s);
	chain.edit = deeper;
	make_summary(&chain, &s);
	assert_false(s.is_tree);
	assert_int_equal(s.layers, 4);
	assert_string_equal(summary_layer_name(&s, 3), "L3");
	summary_release(&s);
}

static const struct kinds_answer *answer_of(const struct summary *s, enum kinds_use use,
					    uint32_t depth)
{
	for (size_t i = 0; i < s->kinds->answers; i++)
		if (s->kinds->answer[i].use == use && s->kinds->answer[i].depth == depth)
			return &s->kinds->answer[i];
	fail_msg("no answer for %s at depth %u", kinds_use_name(use), depth);
	return NULL;
}

static bool alike(struct row *row)
{
	/* PV costs what PVH does. */
	if (row->layer == PV && row->sample.elapsed_ns)
		row->sample.elapsed_ns = (uint64_t)((double)row->sample.elapsed_ns * 1.1 / 1.4);
	return true;
}

static void test_kinds(void **state)
{
	struct made_run run = made_tree_run(), chain = MADE_RUN;
	const struct kinds_answer *a;
	const struct kinds_pair *p;
	struct summary s;

	(void)state;
	make_summary(&run, &s);
	assert_int_equal(s.kinds->groups, 2);
	a = answer_of(&s, KINDS_DATABASE, 1);
	assert_int_equal(a->best, CONTAINER);
	assert_int_equal(a->candidates, 3);
	assert_string_equal(a->names, "app.sqlite");
	assert_int_equal(answer_of(&s, KINDS_GPU, 2)->best, 3);
	p = kinds_find(s.kinds, "app", summary_find(&s, "app.sqlite", "", 1, 0), PV, PVH);
	assert_non_null(p);
	assert_close(p->ratio.mid, 1.4 / 1.1, 0.01);
	assert_true(p->ratio.low > 1.25 && p->ratio.high < 1.3);
	summary_release(&s);
	make_summary(&chain, &s);
	assert_null(s.kinds);
	summary_release(&s);
}

/* What does not differ, or was measured too little, is not resolved. */
static void test_kinds_open(void **state)
{
	struct made_run run = made_tree_run();
	struct made_layer layer[MADE_TREE];
	const struct kinds_answer *a;
	struct buf text = BUF_INIT;
	struct summary s;

	(void)state;
	memcpy(layer, made_tree, sizeof(layer));
	layer[3] = (struct made_layer){LAYER_NO_PARENT, "ssh=vm1", "ssh", NULL, 1, 1};
	run.tree = layer;
	run.edit = alike;
	make_summary(&run, &s);
	assert_int_equal(answer_of(&s, KINDS_WEB, 2)->best, LAYER_NO_PARENT);
	summary_release(&s);
	run = made_tree_run();
	run.boots = 1;
	make_summary(&run, &s);
	a = answer_of(&s, KINDS_WEB, 2);
	assert_int_equal(a->best, LAYER_NO_PARENT);
	assert_true(a->rounds == 6 && a->needed > 6);
	words_kinds(&s, 1 << 20, &text);
	assert_non_null(strstr(buf_str(&text), "a web service (app.http) at depth 2: not resolved, "
					       "for that takes 10 rounds or more within one boot"));
	buf_release(&text);
	run.rounds = (uint32_t)a->needed;
	summary_release(&s);
	make_summary(&run, &s);
	assert_int_equal(answer_of(&s, KINDS_WEB, 2)->best, 3);
	summary_release(&s);
}

/* Two layers of one kind are no comparison of kinds. */
static void test_one_kind(void **state)
{
	static const struct made_layer same[] = {
		{LAYER_NO_PARENT, "", "bare", "none", 0, 1},
		{0, "kvm", "kvm", "full", 1, 1},
		{0, "kvm:accel=tcg", "kvm", "full", 2, 1},
	};
	struct made_run run = made_tree_run();
	struct summary s;

	(void)state;
	run.depth = 2;
	run.tree = same;
	make_summary(&run, &s);
	assert_true(s.is_tree);
	assert_null(s.kinds);
	summary_release(&s);
}

/* The same VM is layer 1 of a chain, and 2 of a tree. */
static const struct made_layer vm_last[] = {
	{LAYER_NO_PARENT, "", "bare", "none", 0, 1},
	{0, "container", "container", "container", 0, 1.004},
	{0, "kvm", "kvm", "full", 1, 1},
};

static void make_two(char *dir[2])
{
	struct made_run chain = made_tree_run(), tree = made_tree_run();
	struct err err;

	chain.depth = 1;
	chain.name = "20260130-120000-lab";
	tree.depth = 2;
	tree.tree = vm_last;
	tree.accel[1] = "none";
	tree.accel[2] = "tcg";
	dir[0] = test_dir_make();
	dir[1] = test_dir_make();
	assert_works(make_run(dir[0], &chain, &err), err);
	assert_works(make_run(dir[1], &tree, &err), err);
}

static void test_compare(void **state)
{
	const struct compare_options options = {.same = COMPARE_SAME};
	struct buf text = BUF_INIT;
	struct comparison c;
	struct err err;
	char *dir[2];
	size_t in_vm = 0;

	(void)state;
	make_two(dir);
	assert_works(compare_runs((const char *[]){dir[0], NULL}, (const char *[]){dir[1], NULL},
				  &options, false, &c, &err),
		     err);
	for (size_t i = 0; i < c.items; i++) {
		/* The numbers are those of the first run, a chain. */
		assert_true(c.item[i].layer <= 1);
		assert_close(c.item[i].ratio.mid, 1, 0.02);
		in_vm += c.item[i].layer == 1 && c.item[i].over == 1;
	}
	assert_int_equal(in_vm, 8);
	assert_int_equal(compare_count_missing(&c, true), 0);
	assert_int_equal(compare_count_missing(&c, false), 8); /* the container's */
	compare_format(&c, true, &text);
	assert_non_null(strstr(buf_str(&text), "L0, L1:container, L1:kvm"));
	buf_release(&text);
	comparison_release(&c);
	for (int i = 0; i < 2; i++)
		test_dir_remove(dir[i]);
}

/* Two trees name their layers. */
static void test_compare_trees(void **state)
{
	const struct compare_options options = {.same = COMPARE_SAME};
	struct made_run run = made_tree_run();
	char *dir = test_dir_make(), *other = test_dir_make();
	struct buf text = BUF_INIT;
	struct comparison c;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &run, &err), err);
	run.name = "20260201-120000-lab";
	assert_works(make_run(other, &run, &err), err);
	assert_works(compare_runs((const char *[]){dir, NULL}, (const char *[]){other, NULL},
				  &options, false, &c, &err),
		     err);
	compare_format(&c, true, &text);
	assert_non_null(strstr(buf_str(&text), "app.http L2:xen/pv over L1:xen\n"));
	assert_non_null(strstr(buf_str(&text), "app.http L2:xen/pv cost\n"));
	buf_release(&text);
	comparison_release(&c);
	test_dir_remove(dir);
	test_dir_remove(other);
}

static void test_history(void **state)
{
	struct made_run run = made_tree_run();
	struct history_filter filter = {.layer = -1, .name = "L2:xen/pv"};
	char *dir = test_dir_make(), db[RUNDIR_PATH];
	struct buf text = BUF_INIT;
	struct history_added added;
	struct history_trend t;
	struct history *h;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &run, &err), err);
	snprintf(db, sizeof(db), "%s/history.db", dir);
	h = history_open(db, true, &err);
	assert_non_null(h);
	assert_works(history_add(h, dir, false, &added, &err), err);
	assert_works(history_show(h, MADE_ID, &text, &err), err);
	assert_non_null(strstr(buf_str(&text), "app.http L2:xen/pv over L1:xen: ×"));
	assert_non_null(strstr(buf_str(&text), "L2:xen/pv kind: pv\n"));
	assert_works(history_trend(h, &filter, &t, &err), err);
	assert_int_equal(t.count, 3 * 8); /* cost, over the parent, over L0; of each workload */
	for (size_t i = 0; i < t.count; i++)
		assert_string_equal(t.series[i].layer_name, "L2:xen/pv");
	history_trend_release(&t);
	history_close(h);
	buf_release(&text);
	test_dir_remove(dir);
}

static void test_size(void **state)
{
	struct size_demand d = {
		.guests = 4, .vcpus = 1, .memory_bytes = 1 << 28, .headroom = 0.2, .like = "cpu"};
	struct made_run run = made_tree_run();
	struct size_answer a;
	struct summary s;
	struct err err;

	(void)state;
	make_summary(&run, &s);
	assert_fails(size_answer_make(&s, &d, &a, &err), err, EXIT_USAGE,
		     "several chains of layers: --layer says");
	d.layer = "L2:xen/hvm";
	assert_fails(size_answer_make(&s, &d, &a, &err), err, EXIT_USAGE,
		     "no layer \"L2:xen/hvm\" in L0, but L1:kvm, L1:container");
	d.layer = "L2:xen/pv";
	assert_works(size_answer_make(&s, &d, &a, &err), err);
	assert_int_equal(a.places, 3);
	assert_string_equal(a.place[1].name, "L1:xen");
	assert_int_equal(a.place[2].layer, PV);
	assert_close(a.place[2].ratio[SIZE_CPU], summary_find_class(&s, "cpu", PV)->ratio_l0.mid,
		     0.001);
	size_answer_release(&a);
	summary_release(&s);
}

static void test_export(void **state)
{
	static const struct {
		const char *format, *said;
	} all[] = {
		{"prometheus", ",layer=\"L2:xen/pv\",accel=\"tcg\"}"},
		{"json", "\"layer\": \"L2:xen/pv\""},
		{"json", "\"depth\": 1,\n        \"best\": \"L1:container\","},
		{"kv", "app.http.L2:xen/pv.ratio_l0: "},
		{"markdown", "| L2:xen/pv, emulated "},
		{"benchstat", "layer: L2:xen/pv\n"},
		{"junit", "name=\"app.http L2:xen/pv\""},
		{"csv", "app.http,app,,1,L2:xen/pv,"},
	};
	struct made_run run = made_tree_run();
	struct summary s;
	struct err err;

	(void)state;
	make_summary(&run, &s);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const struct export_format *format = export_find(all[i].format, &err);
		struct buf text = BUF_INIT;

		assert_non_null(format);
		assert_works(export_write(format, &s, 1, &text, &err), err);
		if (!strstr(buf_str(&text), all[i].said))
			fail_msg("%s does not say %s", all[i].format, all[i].said);
		buf_release(&text);
	}
	summary_release(&s);
}

static void test_plan(void **state)
{
	struct made_run run = made_tree_run();
	char *dir = test_dir_make();
	const struct replication_cost cost = {.boot = 1, .round = 0.1, .batch = 0.1};
	struct replication_plan plan;
	struct buf text = BUF_INIT;
	struct replication r;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(replication_read(dir, &r, &err), err);
	assert_works(replication_plan_make(&plan, &r, &cost, 600, &err), err);
	replication_plan_text(&plan, &text);
	assert_non_null(strstr(buf_str(&text), "app.http  in L2:xen/pv\n"));
	buf_release(&text);
	replication_release(&r);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	      cmocka_unit_test(test_ratios),
		cmocka_unit_test(test_steps),	      cmocka_unit_test(test_missing_class),
		cmocka_unit_test(test_no_host),	      cmocka_unit_test(test_unplanned),
		cmocka_unit_test(test_kinds),	      cmocka_unit_test(test_kinds_open),
		cmocka_unit_test(test_one_kind),      cmocka_unit_test(test_compare),
		cmocka_unit_test(test_compare_trees), cmocka_unit_test(test_history),
		cmocka_unit_test(test_size),	      cmocka_unit_test(test_export),
		cmocka_unit_test(test_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
