/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizing against answers that were worked out by hand from made-up runs. */
#include "tests/check.h"

#include "results/size/size.h"
#include "tests/results/make_run.h"

#define MIB 1048576.0

/* 10 guests like cpu.int (9.2 times the cost in L1, 9.25 in L2), half of the host free. */
static const struct size_demand DEMAND = {
	.guests = 10,
	.vcpus = 2,
	.memory_bytes = 256 << 20,
	.iops = 100,
	.headroom = 0.5,
	.like = "cpu.int",
};

static struct made_run quiet(void)
{
	struct made_run run = MADE_RUN;

	run.noise = 0;
	run.host_is_vm = false;
	return run;
}

/* memory_bytes of L0 and L1, 0: not said; 384 MiB of each are usable. */
static void solve(const struct made_run *run, const struct size_demand *d, unsigned l0_mib,
		  unsigned l1_mib, struct size_answer *a)
{
	const unsigned mib[] = {l0_mib, l1_mib};
	char *dir = test_dir_make();
	struct summary s;
	struct err err;

	assert_works(make_run(dir, run, &err), err);
	for (uint32_t k = 0; k < 2 && mib[k]; k++) {
		struct facts facts = FACTS_INIT;

		facts_set(&facts, "memory_bytes", "%.0f", mib[k] * MIB);
		facts_set(&facts, "vcpus", "%d", 16);
		assert_works(layers_append(dir, MADE_ID, 1, k, &facts, &err), err);
		facts_release(&facts);
	}
	assert_works(summary_build(dir, &s, &err), err);
	assert_works(size_answer_make(&s, d, a, &err), err);
	summary_release(&s);
	test_dir_remove(dir);
}

static bool noted(const struct size_answer *a, const char *part)
{
	return strstr(buf_str(&a->notes), part) != NULL;
}

static void test_needs(void **state)
{
	struct made_run run = quiet();
	struct size_answer a;
	const struct size_place *p;

	(void)state;
	solve(&run, &DEMAND, 1024, 512, &a);
	assert_int_equal(a.places, 3);
	p = a.place;
	/* 10 × 2 ÷ 0.5, times the ratio */
	assert_close(p[0].pessimistic.of[SIZE_CPU], 40, 1e-9);
	assert_close(p[1].pessimistic.of[SIZE_CPU], 368, 0.01);
	assert_close(p[2].pessimistic.of[SIZE_CPU], 370, 0.01);
	assert_close(p[2].guest_vcpus, 19, 1e-9);
	/* L0 keeps 640 MiB, L1 128 MiB; a guest takes 256 + 1 MiB */
	assert_close(p[0].pessimistic.of[SIZE_MEMORY] / MIB, (640 + 2560) / 0.5, 1e-6);
	assert_close(p[1].pessimistic.of[SIZE_MEMORY] / MIB, (640 + 2570) / 0.5, 1e-6);
	assert_close(p[2].pessimistic.of[SIZE_MEMORY] / MIB,
		     (640 + (128 + 2570) * 257 / 256.0) / 0.5, 1e-6);
	/* io: geometric means of 2.4 and 1.7, 6.5 and 3.9 */
	assert_close(p[0].pessimistic.of[SIZE_IOPS], 2000, 1e-9);
	assert_close(p[1].pessimistic.of[SIZE_IOPS], 2000 * sqrt(2.4 * 1.7), 0.5);
	assert_close(p[2].pessimistic.of[SIZE_IOPS], 2000 * sqrt(6.5 * 3.9), 0.5);
	assert_close(a.l1_vcpus, 371, 1.001);
	assert_close(a.l1_memory_bytes / MIB, 128 + 2570, 1e-6);
	assert_close(p[2].hosts, ceil(p[2].pessimistic.of[SIZE_CPU] / 16), 1e-9);
	assert_true(noted(&a, "EMULATED"));
	assert_true(noted(&a, "EXTRAPOLATED: concurrency was not measured"));
	size_answer_release(&a);
}

static void test_fit(void **state)
{
	struct made_run run = quiet();
	struct size_demand d = DEMAND;
	struct size_answer a;

	(void)state;
	d.host_vcpus = 1000;
	d.host_memory_bytes = UINT64_C(4096) << 20;
	solve(&run, &d, 1024, 512, &a);
	/* (640 + (128 + 257 n) × 257/256) ÷ 0.5 ≤ 4096: n ≤ 4.96 */
	assert_close(a.place[2].bad_fit, 4, 0);
	assert_int_equal(a.place[2].binding, SIZE_MEMORY);
	assert_close(a.place[1].bad_fit, 5, 0); /* 1408 ÷ 257 */
	size_answer_release(&a);
	d.host_vcpus = 100;
	solve(&run, &d, 1024, 512, &a);
	assert_close(a.place[0].bad_fit, 5, 0); /* CPUs would hold 25, memory 1408 ÷ 256 */
	assert_close(a.place[2].bad_fit, 2, 0); /* 50 ÷ 18.5 */
	assert_int_equal(a.place[2].binding, SIZE_CPU);
	size_answer_release(&a);
	d.host_iops = 400;
	solve(&run, &d, 1024, 512, &a);
	assert_close(a.place[2].bad_fit, 0, 0); /* 200 ÷ 503 */
	assert_int_equal(a.place[2].binding, SIZE_IOPS);
	size_answer_release(&a);
}

/* Four threads of cpu.int cost 0.55 ns per operation in L0, 22 times that in L1. */
static bool with_threads(struct row *row)
{
	if (strcmp(row->workload, "cpu.float") == 0) {
		row->workload = "cpu.int";
		row->threads = 4;
	}
	return true;
}

static void test_concurrency(void **state)
{
	struct made_run run = quiet();
	struct size_demand d = DEMAND;
	struct size_answer a;

	(void)state;
	run.edit = with_threads;
	d.guests = 2;
	solve(&run, &d, 1024, 512, &a);
	assert_close(a.most_at_once, 4, 0);
	assert_close(a.place[0].loss[SIZE_CPU], 1, 0);
	assert_close(a.place[1].loss[SIZE_CPU], 22 / 9.2, 1e-3);
	assert_close(a.place[2].loss[SIZE_CPU], 22.1 / 9.25, 1e-3);
	assert_close(a.place[2].pessimistic.of[SIZE_CPU], 8 * 22.1, 0.1);
	assert_false(noted(&a, "EXTRAPOLATED"));
	size_answer_release(&a);
	d.guests = 3;
	solve(&run, &d, 1024, 512, &a);
	assert_true(
		noted(&a, "EXTRAPOLATED: the answer has 6 vCPUs at once, at most 4 were measured"));
	size_answer_release(&a);
}

/* cpu.int, with two copies like cpu.float, with two guests like cpu.syscall and with four like
 * exit.cpuid; two guests are not the most, and io.randread with two copies is like io.fsync. */
static bool with_guests(struct row *row)
{
	static const struct {
		const char *workload, *as, *params;
	} turned[] = {
		{"cpu.float", "cpu.int", "copies=2"},	 {"cpu.syscall", "cpu.int", "guests=2"},
		{"exit.cpuid", "cpu.int", "guests=4"},	 {"io.randread", "io.randread", ""},
		{"io.fsync", "io.randread", "copies=2"},
	};

	for (size_t i = 0; i < sizeof(turned) / sizeof(turned[0]); i++)
		if (strcmp(row->workload, turned[i].workload) == 0) {
			row->workload = turned[i].as;
			row->params = turned[i].params;
			return true;
		}
	return true;
}

static void test_kinds_of_concurrency(void **state)
{
	struct made_run run = quiet();
	struct size_demand d = DEMAND;
	struct size_answer a;

	(void)state;
	run.edit = with_guests;
	d.host_vcpus = 100000;
	solve(&run, &d, 1024, 512, &a);
	assert_close(a.most_at_once, 4, 0);
	/* L1: copies 22 ÷ 9.2, guests 18 ÷ 9.2; L2: copies 22.1, guests 410 ÷ 9.25 */
	assert_close(a.place[1].loss[SIZE_CPU], 22 / 9.2, 1e-3);
	assert_close(a.place[2].loss[SIZE_CPU], 410 / 9.25, 1e-2);
	assert_close(a.place[2].bad_loss[SIZE_CPU], 410 / 9.25, 1e-2);
	assert_close(a.place[1].loss[SIZE_IOPS], 1, 0); /* a gain from concurrency counts as 1 */
	assert_true(a.guests_measured);
	assert_false(noted(&a, "within one VM"));
	/* 50000 ÷ (2 × 410) guests fit, and the note is about that number */
	assert_close(a.place[2].fit, 60, 0);
	assert_true(noted(&a, "EXTRAPOLATED: the answer has 120 vCPUs at once"));
	size_answer_release(&a);
	run.edit = with_threads;
	solve(&run, &DEMAND, 1024, 512, &a);
	assert_true(noted(&a, "within one VM, not with several guests"));
	size_answer_release(&a);
}

/* The pessimistic figure takes the bad end; with too few rounds there is none, and a note says
 * so. */
static void test_intervals(void **state)
{
	struct made_run run = quiet();
	struct size_answer a;

	(void)state;
	run.noise = 0.05;
	solve(&run, &DEMAND, 0, 0, &a);
	assert_true(a.place[2].pessimistic.of[SIZE_CPU] > a.place[2].expected.of[SIZE_CPU] * 1.005);
	assert_true(noted(&a, "keeps for itself was not measured"));
	size_answer_release(&a);
	run.rounds = 3;
	solve(&run, &DEMAND, 0, 0, &a);
	assert_close(a.place[2].pessimistic.of[SIZE_CPU], a.place[2].expected.of[SIZE_CPU], 0);
	assert_true(noted(&a, "no intervals"));
	size_answer_release(&a);
}

static bool cheap_exits(struct row *row)
{
	if (strcmp(row->workload, "exit.cpuid") == 0 && row->layer == 1)
		row->sample.elapsed_ns /= 100;
	return true;
}

static void test_no_gift(void **state)
{
	struct made_run run = quiet();
	struct size_demand d = DEMAND;
	struct size_answer a;

	(void)state;
	run.edit = cheap_exits;
	d.like = "exit";
	solve(&run, &d, 0, 0, &a);
	assert_close(a.place[1].ratio[SIZE_CPU], 1, 0);
	size_answer_release(&a);
}

static void test_words(void **state)
{
	struct made_run run = quiet();
	struct size_demand d = DEMAND;
	struct buf text = BUF_INIT;
	struct size_answer a;
	struct err err;

	(void)state;
	d.host_vcpus = 64;
	d.host_memory_bytes = UINT64_C(512) << 30;
	solve(&run, &d, 1024, 512, &a);
	size_answer_text(&a, &text);
	assert_golden("results/golden/size.txt", buf_str(&text));
	buf_clear(&text);
	assert_works(size_answer_json(&a, &text, &err), err);
	assert_golden("results/golden/size.json", buf_str(&text));
	buf_release(&text);
	size_answer_release(&a);
}

static void test_cpu(void **state)
{
	struct made_run run = quiet();
	struct buf text = BUF_INIT;
	struct size_answer a;
	struct err err;

	(void)state;
	run.below_l0 = "TCGTCGTCGTCG";
	run.accel[1] = "kvm";
	solve(&run, &DEMAND, 1024, 512, &a);
	assert_true(noted(&a, "The CPU was EMULATED"));
	size_answer_release(&a);
	run.below_l0 = "";
	solve(&run, &DEMAND, 1024, 512, &a);
	assert_true(noted(&a, "Whether the CPU was emulated in this run is not known"));
	assert_works(size_answer_json(&a, &text, &err), err);
	assert_non_null(strstr(buf_str(&text), "\"emulated\": null"));
	buf_release(&text);
	size_answer_release(&a);
}

static void test_nothing(void **state)
{
	struct made_run run = quiet();
	struct size_demand d = DEMAND;
	char *dir = test_dir_make();
	struct size_answer a;
	struct summary s;
	struct err err;

	(void)state;
	assert_works(make_run(dir, &run, &err), err);
	assert_works(summary_build(dir, &s, &err), err);
	d.like = "nonsense";
	assert_fails(size_answer_make(&s, &d, &a, &err), err, EXIT_USAGE, "nonsense");
	d = DEMAND;
	d.guests = 0;
	assert_fails(size_answer_make(&s, &d, &a, &err), err, EXIT_USAGE, "above 0");
	d = DEMAND;
	d.headroom = 1;
	assert_fails(size_answer_make(&s, &d, &a, &err), err, EXIT_USAGE, "headroom");
	summary_release(&s);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_needs),	    cmocka_unit_test(test_fit),
		cmocka_unit_test(test_concurrency), cmocka_unit_test(test_kinds_of_concurrency),
		cmocka_unit_test(test_intervals),   cmocka_unit_test(test_no_gift),
		cmocka_unit_test(test_words),	    cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
