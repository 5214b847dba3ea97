/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs that are interrupted anywhere, torn anywhere, and gone on with: in the end every planned job
 * has its rows, none twice, all with the same counts.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/record.h"
#include "bench/session.h"
#include "results/layers.h"
#include "results/rows.h"
#include "tests/bench/fake.h"

enum { DEPTH = 1, ROUNDS = 3, BOOTS = 2, WORKS = 2, LAYERS = DEPTH + 1 };
enum { KEYS = BOOTS * ROUNDS * LAYERS * WORKS * FAKE_BATCHES };

/*
 * The wish to stop comes when the clock has been read so many times: anywhere, but repeatably.
 * Calibration, which reads it most, counts as one.
 */
static int interrupt[2];
static long readings_left;
static struct fake_script script;
static double noise_limit; /* 0: rounds are not judged */
static const struct manifest *watched;
static bool calibrating;

static uint64_t read_clock(void *ctx)
{
	bool again = calibrating && watched->job[0].ops == 0;

	calibrating = watched->job[0].ops == 0;
	if (!again && readings_left > 0 && --readings_left == 0)
		assert_int_equal(write(interrupt[1], "x", 1), 1);
	return fake_clock.now_ns(ctx);
}

static const struct clock stopping_clock = {.now_ns = read_clock};

struct world {
	char *dir;
	struct work_list works;
	struct manifest manifest;
	struct progress progress;
};

static void world_make(struct world *w)
{
	const struct text_list pick = {.item = {"nop", "cpu.int"}, .count = 2};
	struct err err;

	*w = (struct world){.dir = test_dir_make()};
	assert_works(work_list_make(&w->works, profile_find("quick", &err), &pick, &err), err);
	assert_int_equal(w->works.repeated, WORKS);
	for (uint32_t i = 0; i < w->works.count; i++)
		assert_works(manifest_add_job(&w->manifest, w->works.item[i].workload->name,
					      w->works.item[i].label, 1, &err),
			     err);
	progress_init(&w->progress, &fake_clock, true);
}

static void world_free(struct world *w)
{
	work_list_release(&w->works);
	manifest_release(&w->manifest);
	test_dir_remove(w->dir);
}

/* One start of the run, stopped at the given reading of the clock (0: not); as session_run. */
static int world_start(struct world *w, struct record *record, long stop_at)
{
	struct session_config c = {
		.dir = w->dir,
		.run = "test-run",
		.work_dir = w->dir,
		.shape = {.depth = DEPTH,
			  .guests = 1,
			  .host_cpus = 1,
			  .vcpus = 1,
			  .memory_bytes = 1 << 20},
		.size = {.boots = BOOTS, .rounds = ROUNDS, .batches = FAKE_BATCHES - 1},
		.warm_up = 1,
		.batch_ns = NS_PER_MS / 4,
		.noise_limit = noise_limit,
		.seed = 1,
		.works = &w->works,
		.record = record,
		.driver = &driver_fake,
		.clock = &stopping_clock};
	int talk = dup(2), null = open("/dev/null", O_WRONLY), done;
	struct err err = {0}, why;
	uint32_t unreached;

	assert_int_equal(pipe(interrupt), 0);
	c.interrupt_fd = interrupt[0];
	readings_left = stop_at;
	watched = &w->manifest;
	calibrating = false;
	fake_script = script;
	dup2(null, 2); /* what the run says is not of interest, what cmocka says is */
	done = session_run(&c, &w->manifest, &w->progress, &unreached, &why, &err);
	dup2(talk, 2);
	close(talk);
	close(null);
	close(interrupt[0]);
	close(interrupt[1]);
	assert_int_equal(fake_agents, 0);
	if (done < 0 && err.code != EXIT_INTERRUPTED && script.trouble != FAKE_DIES)
		fail_msg("%s", err.text);
	return done;
}

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
	if (row->sample.status == SAMPLE_SUSPECT && strstr(row->sample.reason, RECORD_APART))
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

static int go_on(struct world *w, long stop_at)
{
	struct err err;
	struct record *record = record_read(w->dir, &w->works, &err);
	int done;

	if (!record)
		fail_msg("%s", err.text);
	done = world_start(w, record, stop_at);
	record_free(record);
	return done;
}

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
	return many - readings_left;
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
		if (go_on(&w, all / 5) < 0) {
			stops++;
			assert_int_equal(go_on(&w, 0), 0);
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
	struct layers layers = LAYERS_INIT;
	struct damage damage = {0};
	struct world w;
	struct tally t;
	struct err err;
	long all = all_readings();

	(void)state;
	world_make(&w);
	assert_int_equal(world_start(&w, NULL, all * 3 / 4), -1); /* in the second boot */
	assert_int_equal(go_on(&w, 0), 0);
	assert_complete(&w, &t);
	assert_works(layers_read(w.dir, &layers, &damage, &err), err);
	assert_null(layers_get(&layers, 1, 0, RECORD_RESUMED));
	assert_non_null(layers_get(&layers, 2, 0, RECORD_RESUMED));
	assert_non_null(layers_get(&layers, 2, 1, RECORD_RESUMED));
	layers_release(&layers);
	assert_int_equal(go_on(&w, 0), 0);
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
		script =
			(struct fake_script){.layer = 0, .trouble = FAKE_DIES, .after_runs = after};
		assert_int_equal(world_start(&w, NULL, 0), -1);
		script = (struct fake_script){0};
		assert_int_equal(go_on(&w, 0), 0);
		assert_complete(&w, &t);
		world_free(&w);
	}
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
		script = (struct fake_script){.layer = 1, .trouble = cases[i].trouble};
		for (int again = 0; again < 2; again++) {
			struct broken_job job = {.workload = cut.workload};

			assert_int_equal(go_on(&w, 0), 0);
			assert_works(rows_read(w.dir, take_broken, &job, &damage, &err), err);
			assert_int_equal(job.seen[0], 0);
			for (int batch = 1; batch <= 3; batch++)
				assert_int_equal(job.seen[batch], 1);
			assert_int_equal(job.seen[4], 0);
			assert_int_equal(job.third, cases[i].status);
			assert_non_null(strstr(job.reason, cases[i].why));
		}
		script = (struct fake_script){0};
		world_free(&w);
	}
}

/* The first two rounds of the first boot are to be repeated; how often each batch of it was. */
enum { REPEATS = 2 };
static int repeated[REPEATS][LAYERS][WORKS][FAKE_BATCHES];

static int take_repeat(void *ctx, const struct row *row, struct err *err)
{
	const struct work_list *works = ctx;
	uint32_t of = sample_repeats(row->sample.reason), work = 0;

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
	noise_limit = 0.1;
	for (int after = LAST_ROUND; after < LAST_ROUND + (1 + REPEATS) * EACH; after++) {
		struct damage damage = {0};
		struct world w;
		struct err err;

		world_make(&w);
		script = (struct fake_script){.trouble = FAKE_DIES,
					      .after_runs = after,
					      .noise = FAKE_QUIET | 1 << 1 | 1 << 2};
		/* It does not die where only runs of L1 were left. */
		world_start(&w, NULL, 0);
		script = (struct fake_script){.after_runs = -1, .noise = FAKE_QUIET};
		assert_int_equal(go_on(&w, 0), 0);
		memset(repeated, 0, sizeof(repeated));
		assert_works(rows_read(w.dir, take_repeat, &w.works, &damage, &err), err);
		for (size_t i = 0; i < sizeof(repeated) / sizeof(int); i++)
			assert_int_equal(((int *)repeated)[i], 1);
		world_free(&w);
	}
	noise_limit = 0;
	script = (struct fake_script){0};
}

static void test_rows_of_another_plan(void **state)
{
	const struct text_list pick = {.item = {"nop"}, .count = 1};
	struct work_list other = WORK_LIST_INIT;
	struct world w;
	struct err err = {0};

	(void)state;
	world_make(&w);
	assert_int_equal(world_start(&w, NULL, 0), 0);
	assert_works(work_list_make(&other, profile_find("quick", &err), &pick, &err), err);
	assert_null(record_read(w.dir, &other, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_non_null(strstr(err.text, "cpu.int"));
	work_list_release(&other);
	world_free(&w);
}

static void test_no_record(void **state)
{
	const struct job job = {.boot = 1, .round = 1};

	(void)state;
	assert_int_equal(record_batches(NULL, &job), 0);
	assert_false(record_done(NULL, &job, 1));
	assert_false(record_has_partner(NULL, &job));
	assert_false(record_has_start(NULL, 1, 1));
	assert_false(record_has_boot(NULL, 1));
	record_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stopped_anywhere),
		cmocka_unit_test(test_what_is_told),
		cmocka_unit_test(test_lost_l0_anywhere),
		cmocka_unit_test(test_fails_when_resumed),
		cmocka_unit_test(test_disturbed_before_the_interruption),
		cmocka_unit_test(test_rows_of_another_plan),
		cmocka_unit_test(test_no_record),
	};

	signal(SIGPIPE, SIG_IGN); /* as interrupt_install() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
