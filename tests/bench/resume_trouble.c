/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs that are gone on with, and then something goes wrong, or has been disturbed before. */
#include "lib/streams.h"
#include "tests/bench/resume_world.h"

#include <unistd.h>

#include "results/rundir/layers.h"

/* Of all rows, the last one that is the given batch of L1; they are counted from 1. */
struct last_batch {
	uint64_t batch;
	int rows, found;
	char workload[32];
};

static int find_last(void *ctx, const struct row *row, struct err *err)
{
	struct last_batch *l = ctx;

	(void)err;
	l->rows++;
	if (row->layer != 1 || row->sample.batch != l->batch)
		return 0;
	l->found = l->rows;
	snprintf(l->workload, sizeof(l->workload), "%s", row->workload);
	return 0;
}

/* Ends the file behind so many rows. */
static void keep_rows(const struct world *w, int rows)
{
	char path[RUNDIR_PATH];
	struct buf text = BUF_INIT;
	const char *end;
	struct err err;

	assert_works(rundir_path(w->dir, ROWS_FILE, path, &err), err);
	assert_works(file_read(path, 1 << 20, &text, &err), err);
	end = buf_str(&text);
	for (int line = 0; line <= rows; line++)
		end = strchr(end, '\n') + 1;
	assert_int_equal(truncate(path, end - buf_str(&text)), 0);
	buf_release(&text);
}

/* The rows of a job in the last round of L1 that was cut short and then went wrong. */
struct broken_job {
	const char *workload;
	int seen[FAKE_BATCHES + 1];
	enum sample_status third;
	char reason[SAMPLE_REASON];
};

static int take_broken(void *ctx, const struct row *row, struct err *err)
{
	struct broken_job *b = ctx;

	(void)err;
	if (row->boot != BOOTS || row->round != ROUNDS || row->layer != 1 ||
	    strcmp(row->workload, b->workload) != 0)
		return 0;
	b->seen[row->sample.batch]++;
	if (row->sample.batch == 3) {
		b->third = row->sample.status;
		snprintf(b->reason, sizeof(b->reason), "%s", row->sample.reason);
	}
	return 0;
}

/* A job that was cut short and fails in the resumed run says why, once, and is finished by that. */
static void test_fails_when_resumed(void **state)
{
	static const struct {
		enum fake_trouble trouble;
		enum sample_status status;
		const char *why;
	} cases[] = {{FAKE_DIES, SAMPLE_FAIL, "QEMU died"},
		     {FAKE_HANGS, SAMPLE_TIMEOUT, "did not"},
		     {FAKE_CRASHES, SAMPLE_FAIL, "signal 11"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct last_batch cut = {.batch = 2};
		struct damage damage = {0};
		struct world w;
		struct err err;

		world_make(&w);
		assert_int_equal(world_start(&w, NULL, 0), 0);
		assert_works(rows_read(w.dir, find_last, &cut, &damage, &err), err);
		keep_rows(&w, cut.found);
		world_script = (struct fake_script){.layer = 1, .trouble = cases[i].trouble};
		for (int again = 0; again < 2; again++) {
			struct broken_job job = {.workload = cut.workload};

			assert_int_equal(world_go_on(&w, 0), 0);
			assert_works(rows_read(w.dir, take_broken, &job, &damage, &err), err);
			assert_int_equal(job.seen[0], 0);
			for (int batch = 1; batch <= 3; batch++)
				assert_int_equal(job.seen[batch], 1);
			assert_int_equal(job.seen[4], 0);
			assert_int_equal(job.third, cases[i].status);
			assert_non_null(strstr(job.reason, cases[i].why));
		}
		world_script = (struct fake_script){0};
		world_free(&w);
	}
}

/* The first two rounds of the first boot are to be repeated; how often each batch of it was. */
enum { REPEATS = 2 };
static int repeated[REPEATS][LAYERS][WORKS][FAKE_BATCHES];

static int take_repeat(void *ctx, const struct row *row, struct err *err)
{
	const struct work_list *works = ctx;
	uint32_t of = row->repeats, work = 0;

	(void)err;
	assert_int_equal(of > 0, row->round > ROUNDS);
	if (!of || row->boot != 1)
		return 0;
	while (strcmp(works->item[work].workload->name, row->workload) != 0)
		work++;
	assert_in_range(of, 1, REPEATS);
	assert_int_equal(row->round, ROUNDS + of);
	repeated[of - 1][row->layer][work][row->sample.batch - 1]++;
	return 0;
}

/*
 * Rounds that were disturbed before the interruption are repeated when the run goes on, wherever
 * before the end of the repeats it was interrupted.
 */
static void test_disturbed_before_the_interruption(void **state)
{
	/* Runs of a kernel: all calibrate, then those of each round. */
	enum { EACH = LAYERS * WORKS, LAST_ROUND = EACH * ROUNDS };

	(void)state;
	world_noise_limit = 0.1;
	for (int after = LAST_ROUND; after < LAST_ROUND + (1 + REPEATS) * EACH; after++) {
		struct damage damage = {0};
		struct world w;
		struct err err;

		world_make(&w);
		world_script = (struct fake_script){.trouble = FAKE_DIES,
						    .after_runs = after,
						    .noise = FAKE_QUIET | 1 << 1 | 1 << 2};
		/* It does not die where only runs of L1 were left. */
		world_start(&w, NULL, 0);
		world_script = (struct fake_script){.after_runs = -1, .noise = FAKE_QUIET};
		assert_int_equal(world_go_on(&w, 0), 0);
		memset(repeated, 0, sizeof(repeated));
		assert_works(rows_read(w.dir, take_repeat, &w.works, &damage, &err), err);
		for (size_t i = 0; i < sizeof(repeated) / sizeof(int); i++)
			assert_int_equal(((int *)repeated)[i], 1);
		world_free(&w);
	}
	world_noise_limit = 0;
	world_script = (struct fake_script){0};
}

/* Another libvirt or QEMU than before: found when it has started L1, and no row is added. */
static void test_other_versions(void **state)
{
	struct last_batch before = {0}, after = {0};
	struct damage damage = {0};
	struct facts facts = FACTS_INIT;
	struct world w;
	struct err err;

	(void)state;
	world_make(&w);
	assert_int_equal(world_start(&w, NULL, 0), 0);
	assert_works(rows_read(w.dir, find_last, &before, &damage, &err), err);
	keep_rows(&w, before.rows -= 2);
	facts_set(&facts, "starter", "libvirt 9.0.0, QEMU 10.0.2");
	assert_works(layers_append(w.dir, "test-run", 1, 1, &facts, &err), err);
	assert_int_equal(world_go_on(&w, 0), -1);
	assert_int_equal(w.err.code, EXIT_MACHINE);
	assert_non_null(
		strstr(w.err.text, "has changed since (it was \"libvirt 9.0.0, QEMU 10.0.2\""));
	assert_works(rows_read(w.dir, find_last, &after, &damage, &err), err);
	assert_int_equal(after.rows, before.rows);
	facts_release(&facts);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fails_when_resumed),
		cmocka_unit_test(test_other_versions),
		cmocka_unit_test(test_disturbed_before_the_interruption),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
