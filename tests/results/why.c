/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explanations against answers that were worked out by hand from made-up counts and times. */
#include "results/exits/why.h"

#include <jansson.h>
#include <unistd.h>

#include "results/rundir/layers.h"
#include "tests/check.h"
#include "tests/results/make_exits.h"

struct made {
	char *dir;
	struct summary s;
	struct why w;
};

static void add_paging(const char *dir, uint32_t layers)
{
	struct err err;

	for (uint32_t k = 0; k < layers; k++) {
		struct facts facts = FACTS_INIT;

		facts_set(&facts, "npt_ept", "%s", k == 1 ? "npt on" : "ept off");
		assert_works(layers_append(dir, MADE_ID, 1, k, &facts, &err), err);
		facts_release(&facts);
	}
}

static void setup_table(struct made *m, uint32_t depth, const struct made_exit *table,
			made_exit_edit edit)
{
	struct made_run run = MADE_RUN;
	struct err err;

	run.depth = depth;
	m->dir = test_dir_make();
	assert_works(make_run(m->dir, &run, &err), err);
	add_paging(m->dir, depth);
	assert_works(make_exits(m->dir, &run, table, edit, &err), err);
	assert_works(summary_build(m->dir, &m->s, &err), err);
	assert_works(why_make(&m->s, &m->w, &err), err);
}

static void setup(struct made *m, uint32_t depth, made_exit_edit edit)
{
	setup_table(m, depth, made_exits, edit);
}

static void teardown(struct made *m)
{
	why_release(&m->w);
	summary_release(&m->s);
	test_dir_remove(m->dir);
}

static const struct why_item *find(const struct made *m, const char *workload, uint32_t layer)
{
	for (size_t i = 0; i < m->w.items; i++)
		if (m->w.item[i].entry->layer == layer &&
		    strcmp(m->w.item[i].entry->workload, workload) == 0)
			return &m->w.item[i];
	fail_msg("%s has no item in layer %u", workload, layer);
	return NULL;
}

static void test_explained(void **state)
{
	const struct why_item *item;
	const struct why_price *price;
	struct made m;

	(void)state;
	setup(&m, 2, NULL);
	price = why_find_price(&m.w, 2, "cpuid");
	assert_non_null(price);
	assert_string_equal(price->workload, "exit.cpuid");
	/* 70 ns in L0; 410 times that in L2, 18 times in L1. */
	assert_close(price->ns.mid, 70.0 * (410 - 18), 600);
	assert_true(find(&m, "exit.cpuid", 2)->is_basis);
	item = find(&m, "io.fsync", 2);
	assert_false(item->is_basis);
	assert_close(item->extra_ns.mid, 510000 * (3.9 - 1.7), 30000);
	/* 30 CPUID exits; 2 HLT, 3 of I/O, and about 2 by the second, as dear as those. */
	assert_close(item->explained_ns.mid, 38 * price->ns.mid, 40000);
	assert_close(item->share.mid, 38 * 27440 / 1122000.0, 0.07);
	assert_true(item->share.low < item->share.mid && item->share.mid < item->share.high);
	assert_true(item->is_explained);
	assert_close(item->predicted, 1 - 1122000.0 * (1 - item->share.mid) / (510000 * 3.9), 0.02);
	assert_string_equal(item->part[0].metric->reason, "cpuid");
	assert_non_null(strstr(buf_str(&item->missing), "io (3"));
	assert_non_null(strstr(buf_str(&item->missing), "hlt (2"));
	/* Neither CPUID nor anything else with a price. */
	item = find(&m, "mem.fault", 2);
	assert_false(item->is_explained);
	assert_non_null(strstr(buf_str(&item->missing), "npf (1"));
	assert_true(item->part[0].is_least);
	teardown(&m);
}

static void check_factor(const struct why_item *item, size_t which, uint32_t layer, double factor)
{
	const struct why_outer *o = &item->outer[which];

	assert_true(which < item->outers);
	assert_int_equal(o->layer, layer);
	assert_int_equal(o->counted_in, layer - 1);
	assert_close(o->factor.mid, factor, 0.05 * factor);
	assert_true(o->factor.low < factor && factor < o->factor.high);
}

static void test_amplification(void **state)
{
	struct made m;

	(void)state;
	setup(&m, 3, NULL);
	assert_int_equal(find(&m, "exit.cpuid", 1)->outers, 0);
	check_factor(find(&m, "exit.cpuid", 2), 0, 1, 7);
	check_factor(find(&m, "exit.cpuid", 3), 0, 2, 5);
	check_factor(find(&m, "exit.cpuid", 3), 1, 1, 20);
	check_factor(find(&m, "mem.fault", 2), 0, 1, 7);
	/* Nested paging in L1; of other work nothing is known. */
	assert_close(find(&m, "mem.fault", 2)->fault_known, 7, 0);
	assert_true(isnan(find(&m, "exit.cpuid", 2)->fault_known));
	/* Nothing of it exits. */
	assert_int_equal(find(&m, "cpu.int", 2)->outers, 0);
	teardown(&m);
}

static bool without_prices(struct exit_row *row)
{
	return strcmp(row->workload, "exit.cpuid") != 0;
}

/* Counts that vary too much to divide by. */
static bool unsteady(struct exit_row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && strcmp(row->reason, "cpuid") == 0)
		row->count = row->count * row->batch / 3;
	return true;
}

static bool only_statistics(struct exit_row *row)
{
	return strcmp(row->source, "kvm_stats") == 0;
}

/* The counts that KVM would have made, made by Xen. */
static bool by_xen(struct exit_row *row)
{
	if (strcmp(row->source, "kvm_exit") != 0)
		return false;
	row->source = "xen";
	return true;
}

static void test_xen(void **state)
{
	const struct why_item *item;
	struct made kvm, xen;

	(void)state;
	setup(&kvm, 2, NULL);
	setup(&xen, 2, by_xen);
	item = find(&xen, "io.fsync", 2);
	assert_string_equal(item->series->source, "xen");
	assert_true(item->is_explained);
	assert_close(item->share.mid, find(&kvm, "io.fsync", 2)->share.mid, 1e-9);
	teardown(&kvm);
	teardown(&xen);
}

static void test_not_known(void **state)
{
	static const char *const globs[] = {"io.fsync", NULL};
	static const struct why_filter only = {globs, LAYER_NO_PARENT};
	struct buf out = BUF_INIT;
	struct made m;

	(void)state;
	setup(&m, 2, without_prices);
	assert_null(why_find_price(&m.w, 2, "cpuid"));
	assert_non_null(strstr(buf_str(&find(&m, "io.fsync", 2)->missing), "cpuid (30"));
	assert_null(strstr(buf_str(&find(&m, "io.fsync", 2)->missing), "the rest is no exit"));
	assert_false(find(&m, "io.fsync", 2)->is_explained);
	teardown(&m);
	setup(&m, 2, unsteady);
	assert_null(why_find_price(&m.w, 2, "cpuid"));
	assert_false(find(&m, "exit.cpuid", 2)->is_basis);
	teardown(&m);
	setup(&m, 2, only_statistics);
	assert_string_equal(find(&m, "io.fsync", 2)->series->source, "kvm_stats");
	assert_non_null(strstr(buf_str(&find(&m, "io.fsync", 2)->missing),
			       "what kvm_stats counts has no price"));
	why_format(&m.w, &only, &out);
	assert_non_null(strstr(buf_str(&out), "not explained: what kvm_stats counts has no price"));
	assert_null(strstr(buf_str(&out), "it takes no more time"));
	buf_release(&out);
	teardown(&m);
}

static void test_nothing_counted(void **state)
{
	static const struct why_filter all = {.layer = LAYER_NO_PARENT};
	struct buf out = BUF_INIT;
	char *dir = test_dir_make();
	struct summary s;
	struct why w;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &MADE_RUN, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(why_make(&s, &w, &err), err);
	why_format(&w, &all, &out);
	assert_string_equal(buf_str(&out), "No exits were counted in this run.\n");
	why_release(&w);
	summary_release(&s);
	buf_release(&out);
	test_dir_remove(dir);
}

/* Both run a VM in L2: the one enters it once, which exits by a hypercall; the other twice, for two
 * halts of the VM, and halts once itself. */
static const struct made_exit with_vm[] = {
	{2, 2, "exit.cpuid", "kvm_exit", "vmrun", 1, 0, 0},
	{2, 2, "exit.cpuid", "kvm_exit", "vmload", 2, 0, 0},
	{2, 2, "exit.cpuid", "kvm_exit", "vmsave", 2, 0, 0},
	{2, 2, "exit.cpuid", "kvm_exit", "hypercall", 1, 0, 0},
	{2, 2, "exit.cpuid", "kvm_nested_vmexit", "hypercall", 1, 0, 0},
	{2, 2, "io.fsync", "kvm_exit", "vmrun", 2, 0, 0},
	{2, 2, "io.fsync", "kvm_exit", "vmload", 4, 0, 0},
	{2, 2, "io.fsync", "kvm_exit", "vmsave", 4, 0, 0},
	{2, 2, "io.fsync", "kvm_exit", "hlt", 3, 0, 0},
	{2, 2, "io.fsync", "kvm_nested_vmexit", "hlt", 2, 0, 0},
	{0},
};

static const struct why_part *part(const struct why_item *item, const char *reason)
{
	for (size_t i = 0; i < item->parts; i++)
		if (strcmp(item->part[i].metric->reason, reason) == 0)
			return &item->part[i];
	fail_msg("%s has no %s", item->entry->workload, reason);
	return NULL;
}

/* What a VM in the layer exits by, and what surrounds its entries, is in the price of an entry. */
static void test_runs_vm(void **state)
{
	static const struct why_filter all = {.layer = LAYER_NO_PARENT};
	const struct why_price *price;
	const struct why_item *item;
	struct buf out = BUF_INIT;
	struct made m;

	(void)state;
	setup_table(&m, 2, with_vm, NULL);
	assert_int_equal(m.w.prices, 1);
	price = why_find_price(&m.w, 2, "vmrun");
	assert_non_null(price);
	assert_string_equal(price->with, "vmload, vmsave");
	assert_close(price->ns.mid, 70.0 * (410 - 18), 600);
	item = find(&m, "exit.cpuid", 2);
	assert_close(part(item, "hypercall")->nested.mid, 1, 0.01);
	assert_close(part(item, "hypercall")->per_op.mid, 0, 0);
	assert_true(part(item, "hypercall")->is_included);
	assert_true(why_part_moved(part(item, "hypercall")));
	item = find(&m, "io.fsync", 2);
	assert_close(part(item, "hlt")->nested.mid, 2, 0.01);
	assert_close(part(item, "hlt")->per_op.mid, 1, 0.01);
	assert_true(part(item, "hlt")->is_least);
	assert_true(part(item, "vmload")->is_included);
	assert_close(item->explained_ns.mid, 3 * price->ns.mid, 0.01 * price->ns.mid);
	why_format(&m.w, &all, &out);
	assert_non_null(strstr(buf_str(&out), "hypercall               1.0000 op"));
	buf_release(&out);
	teardown(&m);
}

/* The one reads a register of a device in memory; the other touches two pages, and writes to a
 * device once. */
static const struct made_exit with_device[] = {
	{2, 2, "exit.cpuid", "kvm_exit", "npf", 1, 0, 0},
	{2, 2, "exit.cpuid", "kvm_stats", "mmio_exits", 1, 0, 0},
	{2, 2, "mem.fault", "kvm_exit", "npf", 1, 0, 0},
	{2, 2, "io.fsync", "kvm_exit", "npf", 3, 0, 0},
	{2, 2, "io.fsync", "kvm_stats", "mmio_exits", 1, 0, 0},
	{0},
};

/* The same, where the CPU tells both by reasons of their own. */
static const struct made_exit with_misconfigured[] = {
	{2, 2, "io.fsync", "kvm_exit", "EPT_MISCONFIG", 2, 0, 0},
	{2, 2, "io.fsync", "kvm_exit", "EPT_VIOLATION", 3, 0, 0},
	{2, 2, "io.fsync", "kvm_stats", "mmio_exits", 1, 0, 0},
	{0},
};

/* A fault for which the hypervisor goes to its user space has another price than one at a page. */
static void test_devices(void **state)
{
	const struct why_item *item;
	struct made m;

	(void)state;
	setup_table(&m, 2, with_device, NULL);
	assert_int_equal(m.w.prices, 1);
	assert_string_equal(m.w.price[0].reason, "mmio_exits");
	assert_string_equal(m.w.price[0].workload, "exit.cpuid");
	assert_close(part(find(&m, "exit.cpuid", 2), "npf")->per_op.mid, 0, 0);
	item = find(&m, "io.fsync", 2);
	assert_close(part(item, "npf")->per_op.mid, 2, 0.01);
	assert_true(part(item, "npf")->is_least);
	assert_close(part(item, "mmio_exits")->per_op.mid, 1, 0.01);
	assert_false(part(item, "mmio_exits")->is_least);
	assert_close(part(find(&m, "mem.fault", 2), "npf")->per_op.mid, 1, 0.01);
	assert_non_null(strstr(buf_str(&find(&m, "mem.fault", 2)->missing), "npf (1"));
	teardown(&m);
	setup_table(&m, 2, with_misconfigured, NULL);
	item = find(&m, "io.fsync", 2);
	assert_close(part(item, "EPT_MISCONFIG")->per_op.mid, 1, 0.01);
	assert_close(part(item, "EPT_VIOLATION")->per_op.mid, 3, 0.01);
	teardown(&m);
}

static void add_remark(const char *dir)
{
	const struct exit_row row = {
		.run = MADE_ID,
		.boot = 1,
		.layer = 1,
		.source = "none",
		.remark = "the CPU of L1 is emulated: its parent layer takes no exits",
	};
	struct csv_writer w;
	struct err err;

	assert_works(exits_writer_open(&w, dir, &err), err);
	exits_writer_add(&w, &row);
	assert_works(exits_writer_close(&w, &err), err);
}

static void test_golden(void **state)
{
	static const char *const globs[] = {"exit.*", "io.*", "mem.fault", "cpu.int", NULL};
	struct why_filter filter = {globs, LAYER_NO_PARENT};
	struct buf out = BUF_INIT;
	struct made m;
	struct err err;
	json_t *json;

	(void)state;
	setup(&m, 3, NULL);
	why_release(&m.w);
	add_remark(m.dir);
	assert_works(why_make(&m.s, &m.w, &err), err);
	why_format(&m.w, &filter, &out);
	assert_golden("results/golden/why.txt", buf_str(&out));
	buf_clear(&out);
	filter.layer = 2;
	assert_works(why_format_json(&m.w, &filter, &out, &err), err);
	assert_golden("results/golden/why.json", buf_str(&out));
	json = json_loads(buf_str(&out), 0, NULL);
	assert_int_equal(json_array_size(json_object_get(json, "workloads")), 5);
	json_decref(json);
	buf_release(&out);
	teardown(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_explained), cmocka_unit_test(test_amplification),
		cmocka_unit_test(test_not_known), cmocka_unit_test(test_nothing_counted),
		cmocka_unit_test(test_xen),	  cmocka_unit_test(test_runs_vm),
		cmocka_unit_test(test_devices),	  cmocka_unit_test(test_golden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
