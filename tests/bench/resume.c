/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs that are interrupted anywhere, torn anywhere, and gone on with: in the end every planned job
 * has its rows, none twice, all with the same counts.
 */
#include "lib/streams.h"
#include "tests/bench/resume_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include "results/rundir/layers.h"

enum { KEYS = BOOTS * ROUNDS * LAYERS * WORKS * FAKE_BATCHES };

/* What the file holds: how often each batch of the plan, and the counts. */
struct tally {
	int seen[BOOTS + 1][ROUNDS + 1][LAYERS][WORKS][FAKE_BATCHES + 1];
	int starts[BOOTS + 1];
	uint64_t ops[WORKS];
	int rows, apart, others;
	const struct work_list *works;
};

static int tally_row(void *ctx, const struct row *row, struct err *err)
{
	struct tally *t = ctx;
	uint32_t work = 0;

	(void)err;
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0) {
		t->starts[row->boot]++;
		return 0;
	}
	while (strcmp(t->works->item[work].workload->name, row->workload) != 0)
		work++;
	t->seen[row->boot][row->round][row->layer][work][row->sample.batch]++;
	t->rows++;
	if (!t->ops[work])
		t->ops[work] = row->sample.ops;
	assert_int_equal(t->ops[work], row->sample.ops);
	if (row->sample.status == SAMPLE_SUSPECT && strstr(row->sample.reason, RESUME_STATE_APART))
		t->apart++;
	else if (row->sample.status != SAMPLE_OK)
		t->others++;
	return 0;
}

static void world_tally(const struct world *w, struct tally *t)
{
	struct damage damage = {0};
	struct err err;

	*t = (struct tally){.works = &w->works};
	assert_works(rows_read(w->dir, tally_row, t, &damage, &err), err);
	assert_true(damage.count <= 8); /* the lines that were torn here, closed off */
}

static void assert_complete(const struct world *w, struct tally *t)
{
	world_tally(w, t);
	assert_int_equal(t->rows, KEYS);
	assert_int_equal(t->others, 0);
	for (int boot = 1; boot <= BOOTS; boot++) {
		assert_int_equal(t->starts[boot], DEPTH);
		for (int round = 1; round <= ROUNDS; round++)
			for (int layer = 0; layer < LAYERS; layer++)
				for (int work = 0; work < WORKS; work++)
					for (int batch = 1; batch <= FAKE_BATCHES; batch++)
						assert_int_equal(
							t->seen[boot][round][layer][work][batch],
							1);
	}
}

/* Takes a few bytes off the end, as a crash of the machine would. */
static void tear(const struct world *w, off_t bytes)
{
	char path[RUNDIR_PATH];
	struct stat st;
	struct err err;

	assert_works(rundir_path(w->dir, ROWS_FILE, path, &err), err);
	assert_int_equal(stat(path, &st), 0);
	if (st.st_size > (off_t)sizeof(ROWS_HEADER) + bytes)
		assert_int_equal(truncate(path, st.st_size - bytes), 0);
}

/* How many readings a whole run takes, for the moments to stop at. */
static long all_readings(void)
{
	const long many = 1L << 40;
	struct world w;
	struct tally t;

	world_make(&w);
	assert_int_equal(world_start(&w, NULL, many), 0);
	assert_complete(&w, &t);
	assert_int_equal(t.apart, 0);
	world_free(&w);
	return many - world_readings_left;
}

static void test_stopped_anywhere(void **state)
{
	enum { MOMENTS = 24 };
	long all = all_readings();

	(void)state;
	for (int i = 0; i < MOMENTS; i++) {
		struct world w;
		struct tally t;
		int stops = 1;

		world_make(&w);
		world_start(&w, NULL, all * (i + 1) / (MOMENTS + 1));
		tear(&w, i % 3 * 7);
		/* A second interruption, then to the end. */
		if (world_go_on(&w, all / 5) < 0) {
			stops++;
			assert_int_equal(world_go_on(&w, 0), 0);
		}
		assert_complete(&w, &t);
		/* At most what one workload has in a round can be torn apart, at each stop. */
		assert_true(t.apart <= stops * LAYERS * FAKE_BATCHES);
		world_free(&w);
	}
}

/* What is complete is not started again; what was resumed is told. */
static void test_what_is_told(void **state)
{
	struct layers layers = {0};
	struct damage damage = {0};
	struct world w;
	struct tally t;
	struct err err;
	long all = all_readings();

	(void)state;
	world_make(&w);
	assert_int_equal(world_start(&w, NULL, all * 3 / 4), -1); /* in the second boot */
	assert_int_equal(world_go_on(&w, 0), 0);
	assert_complete(&w, &t);
	assert_works(layers_read(w.dir, &layers, &damage, &err), err);
	assert_null(layers_get(&layers, 1, 0, RESUME_STATE_FACT));
	assert_non_null(layers_get(&layers, 2, 0, RESUME_STATE_FACT));
	assert_non_null(layers_get(&layers, 2, 1, RESUME_STATE_FACT));
	layers_release(&layers);
	assert_int_equal(world_go_on(&w, 0), 0);
	assert_complete(&w, &t);
	world_free(&w);
}

/* L0's agent is lost in any run of the plan; the rest comes when the run is gone on with. */
static void test_lost_l0_anywhere(void **state)
{
	(void)state;
	for (int after = 0; after < 16; after += 3) {
		struct world w;
		struct tally t;

		world_make(&w);
		world_script =
			(struct fake_script){.layer = 0, .trouble = FAKE_DIES, .after_runs = after};
		assert_int_equal(world_start(&w, NULL, 0), -1);
		world_script = (struct fake_script){0};
		assert_int_equal(world_go_on(&w, 0), 0);
		assert_complete(&w, &t);
		world_free(&w);
	}
}

/* Rows by boot; boots that took over from the one before count with it. */
struct restarted {
	int seen[BOOTS + 2][ROUNDS + 1][LAYERS][WORKS][FAKE_BATCHES + 1], lost;
	uint32_t boots;
	const struct work_list *works;
};

static int see_restarted(void *ctx, const struct row *row, struct err *err)
{
	struct restarted *r = ctx;
	uint32_t work = 0;

	(void)err;
	r->boots = row->boot > r->boots ? row->boot : r->boots;
	assert_true(row->boot <= BOOTS + 1);
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0)
		return 0;
	while (strcmp(r->works->item[work].workload->name, row->workload) != 0)
		work++;
	if (row->sample.status == SAMPLE_FAIL)
		r->lost++;
	else
		r->seen[row->boot][row->round][row->layer][work][row->sample.batch]++;
	return 0;
}

static bool is_whole(const struct restarted *r, uint32_t boot, uint32_t round)
{
	for (int layer = 0; layer < LAYERS; layer++)
		for (int work = 0; work < WORKS; work++)
			for (int batch = 1; batch <= FAKE_BATCHES; batch++) {
				int times = r->seen[boot][round][layer][work][batch];

				assert_true(times <= 1);
				if (!times)
					return false;
			}
	return true;
}

/* A layer is lost and started again, and the run is stopped before, meanwhile or after. */
static void test_stopped_around_a_restart(void **state)
{
	enum { CALIBRATION = LAYERS * WORKS };

	(void)state;
	world_restarts = 1;
	for (int after = CALIBRATION; after < CALIBRATION + ROUNDS * LAYERS * WORKS; after += 5)
		for (long stop = 60; stop < 700; stop += 45) {
			struct layers layers = {0};
			struct damage damage = {0};
			struct restarted r = {0};
			uint32_t planned = 0, whole = 0;
			struct world w;
			struct err err;

			world_make(&w);
			r.works = &w.works;
			world_script = (struct fake_script){1, FAKE_DIES, after, 1, 0};
			if (world_start(&w, NULL, stop) < 0) {
				world_script = (struct fake_script){0};
				assert_int_equal(world_go_on(&w, 0), 0);
			}
			assert_works(rows_read(w.dir, see_restarted, &r, &damage, &err), err);
			assert_works(layers_read(w.dir, &layers, &damage, &err), err);
			for (uint32_t boot = 1; boot <= r.boots; boot++) {
				planned += layers_get(&layers, boot, 0, LAYERS_FROM_ROUND) == NULL;
				for (uint32_t round = 1; round <= ROUNDS; round++)
					whole += is_whole(&r, boot, round);
			}
			assert_int_equal(planned, BOOTS);
			assert_int_equal(whole, BOOTS * ROUNDS);
			assert_true(r.lost <= 1);
			layers_release(&layers);
			world_free(&w);
		}
	world_script = (struct fake_script){0};
	world_restarts = 0;
}

static void test_rows_of_another_plan(void **state)
{
	const struct text_list pick = {.item = {"nop"}, .count = 1};
	struct work_list other = {0};
	struct world w;
	struct err err = {0};

	(void)state;
	world_make(&w);
	assert_int_equal(world_start(&w, NULL, 0), 0);
	assert_works(work_list_make(&other, profile_find("quick", &err), &pick, &err), err);
	assert_null(resume_state_read(w.dir, "test-run", &other, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "cpu.int"));
	work_list_release(&other);
	world_free(&w);
}

/* A run that was killed as soon as it had made its file. */
static void test_cut_within_the_header(void **state)
{
	static const off_t sizes[] = {0, 1, sizeof(ROWS_HEADER) - 1};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct resume_state *r;
		char path[4096];
		struct world w;
		struct err err;

		world_make(&w);
		assert_int_equal(world_start(&w, NULL, 0), 0);
		snprintf(path, sizeof(path), "%s/" ROWS_FILE, w.dir);
		assert_int_equal(truncate(path, sizes[i]), 0);
		r = resume_state_read(w.dir, "test-run", &w.works, &err);
		if (!r)
			fail_msg("%s", err.text);
		assert_false(resume_state_has_boot(r, 1));
		resume_state_free(r);
		world_free(&w);
	}
}

static void test_no_record(void **state)
{
	const struct job job = {.boot = 1, .round = 1};

	(void)state;
	assert_int_equal(resume_state_batches(NULL, &job), 0);
	assert_false(resume_state_done(NULL, &job, 1));
	assert_false(resume_state_has_partner(NULL, &job));
	assert_false(resume_state_has_start(NULL, 1, 1));
	assert_false(resume_state_has_boot(NULL, 1));
	resume_state_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopped_anywhere),
		cmocka_unit_test(test_what_is_told),
		cmocka_unit_test(test_lost_l0_anywhere),
		cmocka_unit_test(test_stopped_around_a_restart),
		cmocka_unit_test(test_rows_of_another_plan),
		cmocka_unit_test(test_cut_within_the_header),
		cmocka_unit_test(test_no_record),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
