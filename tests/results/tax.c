/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tax of each layer against answers that were worked out by hand from made-up runs. */
#include "results/summary/tax.h"

#include "results/rundir/layers.h"
#include "results/table/table.h"
#include "tests/check.h"
#include "tests/results/make_run.h"

#define GIB 1073741824.0

/* Of L0, L1, L2: a machine of 16 CPUs whose L1 gets 12, and L2 10 of these. */
static const double vcpus[] = {16, 12, 10}, effective_milli[] = {16000, 11400, 9500};
static const double memory_gib[] = {64, 46, 39}, vm_memory_gib[] = {0, 48, 40};
static const double disk_gib[] = {100, 90, 81}, usable_gib[] = {50, 4, 36};

/* What the control workloads of the made-up run are turned into. */
static bool with_capacities(struct row *row)
{
	uint32_t k = row->layer;

	if (strcmp(row->workload, "nop") == 0) {
		row->workload = "capacity.cpus";
		row->sample.bytes = (uint64_t)effective_milli[k];
	} else if (strcmp(row->workload, "clock") == 0) {
		row->workload = "capacity.disk";
		row->sample.bytes = (uint64_t)(disk_gib[k] * GIB);
	} else if (strcmp(row->workload, "capacity.memory") == 0) {
		row->sample.bytes = (uint64_t)(usable_gib[k] * GIB);
	}
	return true;
}

static struct made_run shared_out(bool (*edit)(struct row *row))
{
	struct made_run run = MADE_RUN;

	run.noise = 0;
	run.mode = "share";
	run.edit = edit;
	return run;
}

/* The tax of a run with this number of layers. */
static void add_facts(const char *dir, uint32_t boots, uint32_t layers)
{
	struct err err;

	for (uint32_t boot = 1; boot <= boots; boot++)
		for (uint32_t k = 0; k < layers; k++) {
			struct facts facts = FACTS_INIT;

			facts_set(&facts, "vcpus", "%.0f", vcpus[k]);
			facts_set(&facts, "memory_bytes", "%.0f", memory_gib[k] * GIB);
			if (k)
				facts_set(&facts, "vm_memory_bytes", "%.0f",
					  vm_memory_gib[k] * GIB);
			assert_works(layers_append(dir, MADE_ID, boot, k, &facts, &err), err);
			facts_release(&facts);
		}
}

/* `facts` layers say what they have. The summary is the caller's. */
static void summarise(const struct made_run *run, uint32_t facts, struct summary *s)
{
	char *dir = test_dir_make();
	struct err err;

	assert_works(make_run(dir, run, &err), err);
	add_facts(dir, run->boots, facts);
	assert_works(summary_build(dir, s, &err), err);
	test_dir_remove(dir);
}

static void solve(const struct made_run *run, uint32_t facts, struct tax *t)
{
	struct summary s;
	struct err err;

	summarise(run, facts, &s);
	assert_true(tax_applies(&s));
	assert_works(tax_make(&s, t, &err), err);
	summary_release(&s);
}

static void check_step(const struct tax_step *t, double h, double y, double r)
{
	assert_close(t->reserved.mid, 1 - h, 1e-9);
	assert_close(t->hypervisor.mid, h * (1 - y), 1e-9);
	assert_close(t->slower.mid, h * y * (1 - 1 / r), 1e-4);
	assert_close(t->left.mid, h * y / r, 1e-4);
	assert_close(t->reserved.mid + t->hypervisor.mid + t->slower.mid + t->left.mid, 1, 1e-9);
}

static void test_known_answers(void **state)
{
	struct made_run run = shared_out(with_capacities);
	double cpu1 = cbrt(9.2 * 22 * 11), cpu2 = cbrt(9.25 * 22.1 * 11.05) / cpu1;
	double mem1 = cbrt(3.1 * 5.5 * 9.5), mem2 = cbrt(4.6 * 6 * 38) / mem1;
	double io1 = sqrt(2.4 * 1.7), io2 = sqrt(6.5 * 3.9) / io1;
	struct tax t;

	(void)state;
	solve(&run, 3, &t);
	assert_int_equal(t.layers, 3);
	check_step(&t.step[TAX_CPU][1], 12 / 16.0, 11.4 / 12, cpu1);
	/* The same share of L2's 10 CPUs is real as of L1's 12: nothing more is lost. */
	check_step(&t.step[TAX_CPU][2], 10 / 12.0, 1, cpu2);
	/* What L2 has of L1's memory does not count as lost in L1. */
	check_step(&t.step[TAX_MEMORY][1], 48 / 64.0, 46 / 48.0, mem1);
	check_step(&t.step[TAX_MEMORY][2], 40 / 46.0, 36 / 40.0, mem2);
	check_step(&t.step[TAX_DISK][1], 1, 0.9, io1);
	check_step(&t.step[TAX_DISK][2], 1, 0.9, io2);
	assert_close(t.step[TAX_CPU][2].left_l0.mid, 9.5 / 16 / cpu1 / cpu2, 1e-4);
	assert_close(t.step[TAX_DISK][2].left_l0.mid, 0.81 / io1 / io2, 1e-4);
	assert_close(t.step[TAX_CPU][1].usable.mid, 11.4, 1e-9);
	assert_close(t.step[TAX_MEMORY][2].handed, 40 * GIB, 1);
}

static bool noisy(struct row *row)
{
	with_capacities(row);
	if (strcmp(row->workload, "capacity.cpus") == 0 && row->layer)
		row->sample.bytes += row->boot * 20;
	return true;
}

/* Configuration is exact; speed has an interval from 6 rounds on, amounts from several boots on. */
static void test_intervals(void **state)
{
	struct made_run run = shared_out(noisy);
	const struct tax_step *step;
	struct tax t;

	(void)state;
	run.noise = 0.05;
	solve(&run, 3, &t);
	step = &t.step[TAX_MEMORY][1];
	assert_true(isnan(step->reserved.low) && isnan(step->hypervisor.low));
	assert_true(step->slower.low < step->slower.mid && step->slower.mid < step->slower.high);
	assert_true(step->left.low < step->left.mid && step->left.mid < step->left.high);
	assert_true(step->left_l0.low < step->left_l0.mid &&
		    step->left_l0.mid < step->left_l0.high);
	run.boots = 6;
	solve(&run, 3, &t);
	step = &t.step[TAX_CPU][1];
	assert_true(isnan(step->reserved.low));
	assert_true(step->hypervisor.low < step->hypervisor.mid &&
		    step->hypervisor.mid < step->hypervisor.high);
}

static bool without_disk(struct row *row)
{
	with_capacities(row);
	return strcmp(row->workload, "capacity.disk") != 0 &&
	       strncmp(row->workload, "mem.", 4) != 0;
}

/* What was not measured or is not known stays unknown. */
static void test_not_known(void **state)
{
	struct made_run run = shared_out(without_disk);
	struct tax t;

	(void)state;
	solve(&run, 3, &t);
	assert_true(isnan(t.step[TAX_DISK][1].reserved.mid) && isnan(t.step[TAX_DISK][1].left.mid));
	assert_false(tax_known(&t.step[TAX_DISK][1], false));
	assert_close(t.step[TAX_MEMORY][1].reserved.mid, 0.25, 1e-9);
	assert_true(isnan(t.step[TAX_MEMORY][1].slower.mid));
	assert_true(tax_known(&t.step[TAX_MEMORY][1], false));
	assert_false(tax_known(&t.step[TAX_MEMORY][1], true));
	assert_true(tax_known(&t.step[TAX_CPU][2], true));
	solve(&run, 0, &t);
	for (int r = 0; r < TAX_RESOURCES; r++)
		if (r != TAX_DISK)
			assert_true(isnan(t.step[r][1].reserved.mid) && isnan(t.step[r][1].handed));
	/* A run that was interrupted while L2 started. */
	solve(&run, 2, &t);
	for (int r = TAX_CPU; r <= TAX_MEMORY; r++) {
		assert_close(t.step[r][1].reserved.mid, 0.25, 1e-9);
		assert_true(isnan(t.step[r][2].reserved.mid) && isnan(t.step[r][2].handed));
	}
}

static bool scaling(struct row *row)
{
	with_capacities(row);
	if (strcmp(row->workload, "cpu.float") == 0)
		row->workload = "cpu.scale";
	return true;
}

/* It is slow in proportion to the CPUs that are missing, which are counted already. */
static void test_scale_does_not_count(void **state)
{
	struct made_run run = shared_out(scaling);
	struct tax t;

	(void)state;
	solve(&run, 3, &t);
	check_step(&t.step[TAX_CPU][1], 12 / 16.0, 11.4 / 12, sqrt(9.2 * 11));
}

static bool two_guests(struct row *row)
{
	with_capacities(row);
	if (strcmp(row->workload, "cpu.int") == 0)
		row->params = "guests=2";
	return true;
}

static void test_guests_count_together(void **state)
{
	struct made_run run = shared_out(two_guests);
	struct tax t;

	(void)state;
	solve(&run, 3, &t);
	/* 2 × 10 of 12 CPUs and 2 × 40 of 46 GiB are requested: no more counts than L1 has. */
	assert_close(t.step[TAX_CPU][2].reserved.mid, 0, 1e-9);
	assert_close(t.step[TAX_CPU][2].usable.mid, 12, 1e-9);
	assert_close(t.step[TAX_MEMORY][2].usable.mid, 46 * GIB, 1);
	assert_close(t.step[TAX_CPU][1].reserved.mid, 0.25, 1e-9);
}

static bool says(const struct made_run *run, const char *part)
{
	struct buf out = BUF_INIT;
	struct summary s;
	bool found;

	summarise(run, 3, &s);
	table_format(&s, &out);
	found = strstr(buf_str(&out), part) != NULL;
	summary_release(&s);
	buf_release(&out);
	return found;
}

static void test_table(void **state)
{
	struct made_run run = shared_out(with_capacities), poor = shared_out(without_disk);

	(void)state;
	assert_true(says(&run, "\n  CPUs   L0>L1  25.0 %    3.75 %"));
	assert_true(says(&run, "\n         L1>L2  16.7 %    0 %"));
	assert_true(says(
		&run, "memory: L1 has 46.0 GiB, hands on 40.0 GiB, of which 36.0 GiB can be used "
		      "in L2"));
	assert_true(says(&run, "11.4 CPUs"));
	assert_true(says(&poor, "\n  disk   L0>L1  not known not known"));
	run.mode = "shape";
	assert_false(says(&run, "Tax of each layer"));
}

/* Sizes are asked for in one mode and found in the other, where the claim is about them too. */
static void test_verdict_on_capacity(void **state)
{
	struct made_run run = shared_out(with_capacities);
	struct summary s;

	(void)state;
	for (int share = 0; share <= 1; share++) {
		enum verdict verdict = VERDICT_NOT_RESOLVED;

		run.mode = share ? "share" : "shape";
		summarise(&run, 3, &s);
		for (size_t i = 0; i < s.classes; i++)
			if (strcmp(s.class[i].class, "capacity") == 0) {
				verdict = s.class[i].verdict;
				/* L2 has more memory than it leaves over in L1. */
				assert_int_equal(s.class[i].workloads, share ? 2 : 3);
			}
		assert_int_equal(verdict, share ? VERDICT_SHRINKS : VERDICT_NOT_JUDGED);
		assert_int_equal(tax_applies(&s), share);
		summary_release(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_answers),
		cmocka_unit_test(test_intervals),
		cmocka_unit_test(test_not_known),
		cmocka_unit_test(test_scale_does_not_count),
		cmocka_unit_test(test_guests_count_together),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_verdict_on_capacity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
