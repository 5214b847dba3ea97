/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Page faults per page, and in what pages memory is backed, from counts that are made up. */
#include "results/exits/memory.h"

#include <jansson.h>

#include "tests/check.h"
#include "results/rundir/layers.h"
#include "tests/results/make_exits.h"

#define WARM "size=16MiB pages=4k by=mmap backing=warm"
#define COLD "size=16MiB pages=4k by=mmap backing=cold"
#define HUGE_WARM "size=16MiB pages=huge by=mmap backing=warm"
#define HUGE_COLD "size=16MiB pages=huge by=mmap backing=cold"
#define WHOLE "size=16MiB pages=huge by=mmap backing=cold-huge"

/* A batch of a kind of work in L2, and what holds behind it. */
static const struct made_work {
	const char *name, *params;
	uint64_t ops, fixed, npf, pages_4k, pages_2m;
} works[] = {
	{"nop", "", 1, 0, 1, 300, 70},
	{"nop", "", 1000000, 0, 1, 300, 70},
	{"mem.fault", WARM, 4000, 0, 1, 300, 70},
	{"mem.fault", HUGE_WARM, 10, 0, 1, 300, 70},
	{"mem.fault", WHOLE, 5120, 10, 11, 300, 62},
	{"mem.fault", WHOLE " lane=2", 5120, 2560, 2561, 2850, 55},
	{"mem.fault", COLD, 1000, 1000, 1001, 3800, 50},
	{"mem.fault", COLD " copies=8", 8000, 8000, 8001, 8000, 50},
	{"mem.fault", COLD " guests=2", 1000, 2000, 2001, 8000, 50},
	{"mem.fault", HUGE_COLD, 1000, 1000, 1001, 8100, 50},
	{"mem.stream", "size=16MiB pages=4k", 1000, 100, 101, 8100, 50},
};
enum { WORKS = sizeof(works) / sizeof(works[0]), ROUNDS = 6 };

static void put(struct csv_writer *w, struct exit_row *row, const char *source, const char *reason,
		uint64_t count)
{
	row->source = source;
	row->reason = reason;
	row->count = count;
	/* What is 0 has no row, but for the first of its source. */
	if (count || strcmp(reason, "exits") == 0 || strcmp(reason, "pages_1g") == 0)
		exits_writer_add(w, row);
}

static void put_batch(struct csv_writer *w, uint32_t round, const struct made_work *work,
		      const char *violation, uint64_t batch)
{
	struct exit_row row = {.run = MADE_ID,
			       .boot = 1,
			       .round = round,
			       .layer = 2,
			       .counted_in = 1,
			       .measured = 2,
			       .workload = work->name,
			       .params = work->params,
			       .threads = 1,
			       .batch = batch,
			       .batches = 1,
			       .ops = work->ops,
			       .interval_ns = 100000000};

	put(w, &row, "kvm_stats", "exits", work->fixed + 20);
	put(w, &row, "kvm_stats", "pf_fixed", work->fixed);
	put(w, &row, "kvm_state", "pages_1g", 0);
	put(w, &row, "kvm_state", "pages_4k", work->pages_4k);
	put(w, &row, "kvm_state", "pages_2m", work->pages_2m);
	if (batch > 1)
		return;
	put(w, &row, "kvm_exit", "exits", work->npf + 20);
	put(w, &row, "kvm_exit", violation, work->npf);
}

struct made {
	char *dir;
	struct exit_counts counts;
	struct memory_path m;
};

static void setup(struct made *made, const char *violation)
{
	struct csv_writer w = CSV_WRITER_NONE;
	struct err err;

	*made = (struct made){.dir = test_dir_make()};
	assert_works(exits_writer_open(&w, made->dir, &err), err);
	for (uint32_t round = 1; round <= ROUNDS; round++)
		for (size_t i = 0; i < WORKS; i++)
			for (uint64_t batch = 1; batch <= 3; batch++)
				put_batch(&w, round, &works[i], violation, batch);
	assert_works(exits_writer_close(&w, &err), err);
	assert_works(exit_counts_load(made->dir, MADE_ID, &made->counts, &err), err);
	assert_works(memory_path_make(made->dir, MADE_ID, &made->counts, &made->m, &err), err);
}

static void teardown(struct made *made)
{
	memory_path_release(&made->m);
	exit_counts_release(&made->counts);
	test_dir_remove(made->dir);
}

static const struct memory_row *row(const struct made *made, const char *params)
{
	for (size_t i = 0; i < made->m.rows; i++)
		if (strcmp(made->m.row[i].series->params, params) == 0)
			return &made->m.row[i];
	fail_msg("no row of %s", params);
	return NULL;
}

static void check(const struct made *made, const char *params, double faults, const char *backed)
{
	const struct memory_row *r = row(made, params);
	char text[MEMORY_TEXT];

	assert_close(r->faults.mid, faults, 1e-9);
	assert_close(r->exits.mid, faults, 1e-9);
	assert_true(r->faults.low <= faults && faults <= r->faults.high);
	assert_true(r->faults.high - r->faults.low < 0.02);
	assert_string_equal(memory_backed_by(r, text), backed);
}

static void test_faults_per_page(void **state)
{
	static const char *const violations[] = {"npf", "EPT_VIOLATION"};
	struct made made;

	(void)state;
	for (int i = 0; i < 2; i++) {
		setup(&made, violations[i]);
		assert_int_equal(made.m.rows, 7);
		check(&made, WARM, 0, "-");
		check(&made, HUGE_WARM, 0, "-");
		check(&made, COLD, 1, "4 KiB");
		check(&made, COLD " copies=8", 1, "4 KiB");
		check(&made, HUGE_COLD, 1, "4 KiB");
		check(&made, WHOLE, 1.0 / 512, "2 MiB");
		check(&made, WHOLE " lane=2", 0.5, "4 KiB (50 %) and 2 MiB");
		teardown(&made);
	}
}

static void test_what_is_behind(void **state)
{
	struct made made;
	const struct memory_row *r;

	(void)state;
	setup(&made, "npf");
	r = row(&made, WHOLE);
	assert_true(r->has_maps && r->is_huge);
	assert_int_equal(r->maps_2m.low, 62);
	assert_int_equal(r->maps_2m.high, 62);
	/* Taken back whole. */
	assert_int_equal(r->split, 0);
	/* 5 in each round. */
	r = row(&made, COLD);
	assert_int_equal(r->maps_4k.high, 3800);
	assert_int_equal(r->split, 5 * ROUNDS);
	assert_int_equal(row(&made, HUGE_COLD)->split, 0);
	teardown(&made);
}

/* A run without counts, or in which nothing of the kind ran. */
static void test_nothing(void **state)
{
	char *dir = test_dir_make();
	struct exit_counts counts = {0};
	struct memory_path m;
	struct err err;

	(void)state;
	assert_works(memory_path_make(dir, MADE_ID, &counts, &m, &err), err);
	assert_int_equal(m.rows, 0);
	memory_path_release(&m);
	test_dir_remove(dir);
}

static const struct made_workload made_work[] = {
	{"mem.fault", WARM, 500, {1, 9, 40}},
	{"mem.fault", HUGE_WARM, 500, {1, 9, 40}},
	{"mem.fault", COLD, 500, {1, 9, 40}},
	{"mem.fault", COLD " copies=8", 500, {1, 9, 40}},
	{"mem.fault", HUGE_COLD, 500, {1, 9, 40}},
	{"mem.fault", WHOLE, 500, {1, 9, 40}},
	{0},
};

static void tell_thp(const char *dir)
{
	struct facts facts = FACTS_INIT;
	struct err err;

	facts_set(&facts, "thp", "%s", "madvise");
	assert_works(layers_append(dir, MADE_ID, 1, 1, &facts, &err), err);
	facts_release(&facts);
}

static void test_text(void **state)
{
	struct made_run run = MADE_RUN;
	struct made made;
	struct summary s;
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	run.workloads = made_work;
	setup(&made, "npf");
	assert_works(make_run(made.dir, &run, &err), err);
	tell_thp(made.dir);
	assert_works(summary_build(made.dir, &s, &err), err);
	memory_path_titles(&out);
	for (size_t i = 0; i < made.m.rows; i++)
		memory_row_format(&s, &made.m.row[i], &out);
	assert_golden("results/golden/memory.txt", buf_str(&out));
	buf_release(&out);
	summary_release(&s);
	teardown(&made);
}

static void test_json(void **state)
{
	struct made_run run = MADE_RUN;
	struct made made;
	struct summary s;
	struct err err;
	json_t *o;

	(void)state;
	run.workloads = made_work;
	setup(&made, "npf");
	assert_works(make_run(made.dir, &run, &err), err);
	tell_thp(made.dir);
	assert_works(summary_build(made.dir, &s, &err), err);
	o = memory_row_json(&s, row(&made, HUGE_COLD));
	assert_string_equal(json_string_value(json_object_get(o, "params")), HUGE_COLD);
	assert_close(json_real_value(json_object_get(json_object_get(o, "faults_per_4k_page"), "mid")),
		     1, 1e-9);
	assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "maps_4k"), "high")),
			 8100);
	assert_non_null(strstr(json_string_value(json_object_get(o, "split")), "split: 100 %"));
	assert_string_equal(json_string_value(json_object_get(o, "parent_thp")), "madvise");
	json_decref(o);
	o = memory_row_json(&s, row(&made, WARM));
	assert_true(json_is_null(json_object_get(o, "backed_by_4k_share")));
	assert_true(json_is_null(json_object_get(o, "split")));
	json_decref(o);
	summary_release(&s);
	teardown(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults_per_page),
		cmocka_unit_test(test_what_is_behind),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
