/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole run with a fake driver: bring-up, calibration, plan, rows, failures, clean-up; in
 * milliseconds and without a VM.
 */
#include "tests/check.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "bench/session.h"
#include "results/layers.h"
#include "results/rows.h"
#include "tests/bench/fake.h"

enum { DEPTH = 2, ROUNDS = 2, WORKS = 2 };

struct world {
	char *dir;
	int interrupt[2];
	struct work_list works;
	struct manifest manifest;
	struct progress progress;
	uint32_t unreached;
	struct err why, err;
	int done;
	session_next_fn next;
	uint32_t guests; /* 0: one */
	uint32_t asked;	 /* how often next was */
	double noise_limit;
	session_may_fn may_repeat;
};

/* Counts of rows: by layer and status, and planned jobs that left none. */
struct tally {
	uint64_t rows[DEPTH + 1][SAMPLE_SUSPECT + 1];
	bool seen[ROUNDS + 1][DEPTH + 1][WORKS];
	uint64_t boots[DEPTH + 1];
	char reason[SAMPLE_REASON]; /* of the last row that was not ok */
	struct sample last_ok[DEPTH + 1];
};

static void world_make(struct world *w)
{
	const struct text_list pick = {.item = {"nop", "cpu.int"}, .count = 2};
	struct err err;

	*w = (struct world){.dir = test_dir_make()};
	assert_int_equal(pipe(w->interrupt), 0);
	assert_works(work_list_make(&w->works, profile_find("quick", &err), &pick, &err), err);
	progress_init(&w->progress, &fake_clock, true);
}

static void world_run(struct world *w, struct fake_script script)
{
	const struct session_config c = {.dir = w->dir,
					 .run = "test-run",
					 .work_dir = w->dir,
					 .size = {1, ROUNDS, FAKE_BATCHES - 1},
					 .next = w->next,
					 .next_ctx = w,
					 .noise_limit = w->noise_limit,
					 .may_repeat = w->may_repeat,
					 .warm_up = 1,
					 .batch_ns = NS_PER_MS,
					 .seed = 1,
					 .shape = {.depth = DEPTH,
						   .guests = w->guests ? w->guests : 1,
						   .host_cpus = 2,
						   .vcpus = 1,
						   .memory_bytes = 1 << 20},
					 .works = &w->works,
					 .driver = &driver_fake,
					 .clock = &fake_clock,
					 .interrupt_fd = w->interrupt[0]};

	int talk = dup(2), null = open("/dev/null", O_WRONLY);

	fake_script = script;
	dup2(null, 2); /* what the run says is not of interest, what cmocka says is */
	w->done = session_run(&c, &w->manifest, &w->progress, &w->unreached, &w->why, &w->err);
	dup2(talk, 2);
	close(talk);
	close(null);
	assert_int_equal(fake_agents, 0);
}

static void world_free(struct world *w)
{
	close(w->interrupt[0]);
	close(w->interrupt[1]);
	work_list_release(&w->works);
	manifest_release(&w->manifest);
	test_dir_remove(w->dir);
}

static int tally_row(void *ctx, const struct row *row, struct err *err)
{
	struct tally *t = ctx;

	(void)err;
	assert_string_equal(row->run, "test-run");
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0) {
		assert_int_equal(row->sample.elapsed_ns, 2000000000);
		t->boots[row->layer]++;
		return 0;
	}
	t->rows[row->layer][row->sample.status]++;
	t->seen[row->round][row->layer][strcmp(row->workload, "nop") == 0] = true;
	if (row->sample.status == SAMPLE_OK)
		t->last_ok[row->layer] = row->sample;
	else
		strcpy(t->reason, row->sample.reason);
	return 0;
}

/* Reads the rows back; every planned job must have left at least one. */
static void world_tally(const struct world *w, struct tally *t)
{
	struct damage damage = {0};
	struct err err;

	memset(t, 0, sizeof(*t));
	assert_works(rows_read(w->dir, tally_row, t, &damage, &err), err);
	assert_int_equal(damage.count, 0);
	for (int round = 1; round <= ROUNDS; round++)
		for (int layer = 0; layer <= DEPTH; layer++)
			for (int work = 0; work < WORKS; work++)
				assert_true(t->seen[round][layer][work]);
}

enum { ALL = ROUNDS * WORKS * FAKE_BATCHES }; /* ok rows of a layer when all goes well */

static void test_fine(void **state)
{
	struct world w;
	struct tally t;
	struct layers layers = LAYERS_INIT;
	struct damage damage = {0};

	(void)state;
	world_make(&w);
	world_run(&w, (struct fake_script){0});
	assert_works(w.done, w.err);
	assert_int_equal(w.unreached, 0);
	assert_false(w.manifest.host_is_vm);
	world_tally(&w, &t);
	for (int layer = 0; layer <= DEPTH; layer++) {
		assert_int_equal(t.boots[layer], layer > 0);
		assert_int_equal(t.rows[layer][SAMPLE_OK], ALL);
		/* The same count in every layer, calibrated to 1 ms on the slowest: L2 at 4 ns. */
		assert_int_equal(t.last_ok[layer].ops, 250000);
		assert_int_equal(t.last_ok[layer].elapsed_ns, 250000 << layer);
		assert_true(t.last_ok[layer].host_elapsed_ns >= t.last_ok[layer].elapsed_ns);
	}
	assert_works(layers_read(w.dir, &layers, &damage, &w.err), w.err);
	assert_int_equal(layers.count, DEPTH + 1);
	assert_string_equal(layers_get(&layers, 1, 1, "accel"), "tcg");
	assert_string_equal(layers_get(&layers, 1, 2, "accel"), "kvm");
	assert_string_equal(layers_get(&layers, 1, 0, "accel"), "none");
	assert_null(layers_get(&layers, 1, 0, "../bad key"));
	assert_non_null(layers_get(&layers, 1, 0, "time_boot_ns"));
	assert_non_null(layers_get(&layers, 1, 0, "time_calibration_ns"));
	assert_true(atoll(layers_get(&layers, 1, 0, "time_rounds_ns")) > 0);
	layers_release(&layers);
	world_free(&w);
}

/* What each trouble of L1 leaves: rows of which kind, how many, why; L0 is always measured in full.
 */
static void test_troubles(void **state)
{
	static const struct {
		enum fake_trouble trouble;
		int after_runs;
		enum sample_status status;
		uint64_t l1, l2; /* rows of that status */
		uint64_t l1_ok;
		const char *reason;
	} cases[] = {
		{FAKE_DIES, 7, SAMPLE_FAIL, 4, 4, 0, "L1 is gone: ?[31mQEMU died"},
		{FAKE_HANGS, 6, SAMPLE_TIMEOUT, 4, 0, 0, "did not end within"},
		{FAKE_SKIPS, 6, SAMPLE_SKIP, 4, 0, 0, "it cannot"},
		{FAKE_CRASHES, 6, SAMPLE_FAIL, 4, 0, 4, "signal 11"},
		{FAKE_LIES, 6, SAMPLE_FAIL, 4, 0, 0, "asked for"},
		{FAKE_GARBLES, 6, SAMPLE_FAIL, 4, 0, 0, "NaN"},
		{FAKE_FAST_CLOCK, 6, SAMPLE_SUSPECT, ALL, 0, 0, "the layer's clock saw"},
		{FAKE_DRIFTS, 11, SAMPLE_SUSPECT, ALL / 2, 0, ALL / 2, "of the machine's"},
		{FAKE_SLOW_CLOCK, -1, SAMPLE_SUSPECT, ALL / 2, 0, ALL / 2, "of the machine's"},
		{FAKE_JUMPS, 11, SAMPLE_SUSPECT, ALL / 2, 0, ALL / 2, "of the machine's"},
		{FAKE_NEW_CLOCK, 11, SAMPLE_SUSPECT, ALL / 2, 0, ALL / 2,
		 "changed from tsc to hpet"},
		{FAKE_FLOODS, 6, SAMPLE_FAIL, 0, 0, ALL, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct world w;
		struct tally t;

		world_make(&w);
		world_run(&w, (struct fake_script){1, cases[i].trouble, cases[i].after_runs, 0, 0});
		assert_works(w.done, w.err);
		world_tally(&w, &t);
		assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
		if (cases[i].trouble != FAKE_DIES) {
			assert_int_equal(t.rows[1][cases[i].status], cases[i].l1);
			assert_int_equal(t.rows[2][cases[i].status], cases[i].l2);
			assert_int_equal(t.rows[1][SAMPLE_OK], cases[i].l1_ok);
			assert_int_equal(t.rows[2][SAMPLE_OK], ALL);
		}
		if (!strstr(t.reason, cases[i].reason))
			fail_msg("trouble %d: \"%s\" does not hold \"%s\"", (int)cases[i].trouble,
				 t.reason, cases[i].reason);
		world_free(&w);
	}
}

/* A layer that does not even answer a cancel is given up, with all below it; the others go on. */
static void test_deaf_layer_is_given_up(void **state)
{
	struct world w;
	struct tally t;

	(void)state;
	world_make(&w);
	world_run(&w, (struct fake_script){1, FAKE_DEAF, 6, 0, 0});
	assert_works(w.done, w.err);
	world_tally(&w, &t);
	assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
	assert_int_equal(t.rows[1][SAMPLE_TIMEOUT], 1);
	assert_int_equal(t.rows[1][SAMPLE_FAIL], ROUNDS * WORKS - 1);
	assert_int_equal(w.unreached, 1);
	world_free(&w);
}

/* Lost while it calibrates, in a batch of the first round, and later: the user is told. */
static void test_lost_layer(void **state)
{
	(void)state;
	for (int layer = 1; layer <= DEPTH; layer++)
		for (int after = 2; after <= 14; after += 4) {
			struct world w;
			struct tally t;
			char text[40];

			world_make(&w);
			world_run(&w, (struct fake_script){layer, FAKE_DIES, after, 0, 0});
			assert_works(w.done, w.err);
			assert_int_equal(w.unreached, layer);
			assert_int_equal(w.why.code, EXIT_MACHINE);
			snprintf(text, sizeof(text), "boot 1: L%d is gone: ", layer);
			assert_non_null(strstr(w.why.text, text));
			world_tally(&w, &t);
			for (int above = 0; above < layer; above++)
				assert_int_equal(t.rows[above][SAMPLE_OK], ALL);
			assert_true(t.rows[layer][SAMPLE_FAIL] > 0);
			assert_true(after > 10 || t.rows[DEPTH][SAMPLE_FAIL] > 0);
			world_free(&w);
		}
}

static int count_status(void *ctx, const struct row *row, struct err *err)
{
	int *count = ctx;

	(void)err;
	count[row->sample.status]++;
	return 0;
}

/* Without L0 the run ends, and no row says anything else than what was measured. */
static void test_lost_l0(void **state)
{
	(void)state;
	for (int after = 2; after <= 14; after += 4) {
		int count[SAMPLE_SUSPECT + 1] = {0};
		struct damage damage = {0};
		struct world w;
		struct err err;

		world_make(&w);
		world_run(&w, (struct fake_script){0, FAKE_DIES, after, 0, 0});
		assert_int_equal(w.done, -1);
		assert_int_equal(w.err.code, EXIT_INTERNAL);
		assert_non_null(strstr(w.err.text, "L0 is gone: its agent ended"));
		assert_non_null(strstr(w.err.text, "nestbench resume"));
		assert_non_null(facts_get(&w.manifest.more, "stopped"));
		assert_works(rows_read(w.dir, count_status, count, &damage, &err), err);
		assert_int_equal(count[SAMPLE_FAIL] + count[SAMPLE_SKIP], 0);
		assert_int_equal(count[SAMPLE_TIMEOUT], 0);
		assert_true(after < 6 || count[SAMPLE_OK] > DEPTH);
		world_free(&w);
	}
}

/* When a clock is found wrong behind the last round, layers.csv says from when on. */
static void test_wrong_clock_is_recorded(void **state)
{
	struct world w;
	struct layers layers = LAYERS_INIT;
	struct damage damage = {0};
	const char *said;

	(void)state;
	world_make(&w);
	/* 6 runs calibrate, 6 are round 1; the clock jumps during the last run of round 2. */
	world_run(&w, (struct fake_script){1, FAKE_JUMPS, 17, 0, 0});
	assert_works(w.done, w.err);
	assert_works(layers_read(w.dir, &layers, &damage, &w.err), w.err);
	said = layers_get(&layers, 1, 1, "clock_wrong");
	assert_non_null(said);
	assert_non_null(strstr(said, "from round 2 on: the layer's clock"));
	assert_null(layers_get(&layers, 1, 0, "clock_wrong"));
	assert_non_null(layers_get(&layers, 1, 0, "clock_offset_change_ns"));
	layers_release(&layers);
	world_free(&w);
}

static const char *fact(const struct world *w, struct layers *layers, uint32_t layer,
			const char *key)
{
	struct damage damage = {0};
	struct err err;

	assert_works(layers_read(w->dir, layers, &damage, &err), err);
	return layers_get(layers, 1, layer, key);
}

/* A layer that falls silent while it starts the next: all are started once more, then go on. */
static void test_silent_start(void **state)
{
	enum { ALWAYS = 0, ONCE = 1 };

	(void)state;
	for (int times = ALWAYS; times <= ONCE; times++) {
		const struct fake_script script = {
			.layer = 1, .trouble = FAKE_FREEZES, .after_runs = -1, .times = times};
		uint64_t begin = clock_now(&clock_machine);
		struct layers layers = LAYERS_INIT;
		struct world w;
		struct tally t;
		const char *why;

		world_make(&w);
		world_run(&w, script);
		assert_works(w.done, w.err);
		assert_true(clock_now(&clock_machine) - begin < 20 * NS_PER_S);
		world_tally(&w, &t);
		why = fact(&w, &layers, 0, "started_again");
		assert_non_null(why);
		if (!strstr(why, "L1 is gone: silent for ") ||
		    !strstr(why, "asked to start_child; last heard waiting for virDomainCreateXML"))
			fail_msg("started again, because %s", why);
		assert_int_equal(t.boots[1], 1);
		assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
		assert_int_equal(t.rows[1][SAMPLE_OK], times == ONCE ? ALL : 0);
		assert_int_equal(t.rows[2][SAMPLE_OK], times == ONCE ? ALL : 0);
		assert_int_equal(t.rows[1][SAMPLE_FAIL], times == ONCE ? 0 : ROUNDS * WORKS);
		assert_int_equal(t.rows[2][SAMPLE_SKIP], times == ONCE ? 0 : ROUNDS * WORKS);
		assert_int_equal(w.unreached, times == ONCE ? 0 : 1);
		layers_release(&layers);
		world_free(&w);
	}
}

/* Slow is not silent; but there is an end to it. */
static void test_slow_start(void **state)
{
	static const enum fake_trouble troubles[] = {FAKE_STARTS_LONG, FAKE_STARTS_EVER};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct fake_script script = {1, troubles[i], -1, 0, 0};
		struct layers layers = LAYERS_INIT;
		struct world w;
		struct tally t;

		world_make(&w);
		world_run(&w, script);
		assert_works(w.done, w.err);
		world_tally(&w, &t);
		assert_null(fact(&w, &layers, 0, "started_again"));
		assert_int_equal(t.rows[1][SAMPLE_OK], ALL);
		assert_int_equal(t.rows[2][SAMPLE_OK], i == 0 ? ALL : 0);
		assert_int_equal(t.rows[2][SAMPLE_SKIP], i == 0 ? 0 : ROUNDS * WORKS);
		if (i == 1 && !strstr(w.why.text, "L1 did not answer \"start_child\" within 276 s; "
						  "it was waiting for the ?[31mmoon"))
			fail_msg("%s", w.why.text);
		layers_release(&layers);
		world_free(&w);
	}
}

/* Counts that were found with a layer that is lost meanwhile are not those of the others. */
static void test_lost_while_calibrating(void **state)
{
	static const enum fake_trouble troubles[] = {FAKE_DIES, FAKE_FREEZES_LATE};

	(void)state;
	for (int i = 0; i < 2; i++) {
		const struct fake_script script = {2, troubles[i], 5, 0, 0};
		struct layers layers = LAYERS_INIT;
		struct world w;
		struct tally t;
		const char *why;

		world_make(&w);
		world_run(&w, script);
		assert_works(w.done, w.err);
		assert_int_equal(w.unreached, 2);
		world_tally(&w, &t);
		for (int layer = 0; layer < 2; layer++) {
			assert_int_equal(t.rows[layer][SAMPLE_OK], ALL);
			assert_int_equal(t.last_ok[layer].ops, 500000);
		}
		assert_int_equal(t.rows[2][SAMPLE_FAIL], ROUNDS * WORKS);
		if (!strstr(t.reason, "was calibrated in L2") ||
		    !strstr(t.reason, i ? "silent for" : "QEMU died"))
			fail_msg("%s", t.reason);
		why = fact(&w, &layers, 0, "calibrated_without");
		assert_non_null(why);
		assert_string_equal(why, t.reason);
		assert_null(layers_get(&layers, 1, 0, "started_again"));
		layers_release(&layers);
		world_free(&w);
	}
}

/* It is not L2 that is silent. */
static void test_lost_on_the_way(void **state)
{
	struct world w;
	struct tally t;

	(void)state;
	world_make(&w);
	world_run(&w, (struct fake_script){1, FAKE_FREEZES_BELOW, 5, 0, 0});
	assert_works(w.done, w.err);
	assert_int_equal(w.unreached, 1);
	world_tally(&w, &t);
	assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
	assert_int_equal(t.last_ok[0].ops, 1000000);
	if (!strstr(t.reason, "L1 is gone: silent for ") ||
	    !strstr(t.reason, "was calibrated in L2"))
		fail_msg("%s", t.reason);
	world_free(&w);
}

/* In the middle of a batch nobody asks whether the layer lives: its limit finds out. */
static void test_frozen_batch(void **state)
{
	struct world w;
	struct tally t;

	(void)state;
	world_make(&w);
	world_run(&w, (struct fake_script){1, FAKE_FREEZES_LATE, 6, 0, 0});
	assert_works(w.done, w.err);
	world_tally(&w, &t);
	assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
	assert_int_equal(t.rows[1][SAMPLE_TIMEOUT], 1);
	assert_int_equal(t.rows[1][SAMPLE_FAIL], ROUNDS * WORKS - 1);
	world_free(&w);
}

static void test_layer_that_cannot_start(void **state)
{
	static const enum fake_trouble troubles[] = {FAKE_NO_START, FAKE_OTHER_KERNEL};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world w;
		struct tally t;

		world_make(&w);
		world_run(&w, (struct fake_script){2, troubles[i], -1, 0, 0});
		assert_works(w.done, w.err);
		assert_int_equal(w.unreached, 2);
		assert_int_equal(w.why.code, EXIT_MACHINE);
		world_tally(&w, &t);
		assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
		assert_int_equal(t.rows[1][SAMPLE_OK], ALL);
		assert_int_equal(t.rows[2][SAMPLE_SKIP], ROUNDS * WORKS);
		world_free(&w);
	}
}

static void test_interrupt(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	assert_int_equal(write(w.interrupt[1], "x", 1), 1);
	world_run(&w, (struct fake_script){0});
	assert_int_equal(w.done, -1);
	assert_int_equal(w.err.code, EXIT_INTERRUPTED);
	world_free(&w);
}

/* After the first round: two more rounds, and a second boot, which gets two rounds. */
static int grow(void *ctx, const struct session_stand *stand, struct session_size *size,
		struct err *err)
{
	struct world *w = ctx;

	(void)err;
	w->asked++;
	assert_int_equal(stand->all_rounds, w->asked);
	assert_true(stand->boots_ns > 0 && stand->calibration_ns > 0);
	assert_true(stand->rounds_ns >= stand->last_round_ns && stand->last_round_ns > 0);
	if (stand->boot == 1 && stand->round == 1)
		*size = (struct session_size){2, 3, FAKE_BATCHES - 1};
	else if (stand->boot == 2)
		size->rounds = 2;
	return 0;
}

static int count_cells(void *ctx, const struct row *row, struct err *err)
{
	uint32_t(*cells)[4] = ctx;

	(void)err;
	if (row->sample.status == SAMPLE_OK && strcmp(row->workload, "nop") == 0)
		cells[row->boot][row->round]++;
	return 0;
}

static void test_plan_grows_during_the_run(void **state)
{
	uint32_t cells[3][4] = {{0}}, each = FAKE_BATCHES * (DEPTH + 1);
	struct damage damage = {0};
	struct world w;

	(void)state;
	world_make(&w);
	w.next = grow;
	world_run(&w, (struct fake_script){0});
	assert_works(w.done, w.err);
	assert_works(rows_read(w.dir, count_cells, cells, &damage, &w.err), w.err);
	for (uint32_t round = 1; round <= 3; round++) {
		assert_int_equal(cells[1][round], each);
		assert_int_equal(cells[2][round], round <= 2 ? each : 0);
	}
	assert_int_equal(w.asked, 5);
	assert_int_equal(w.manifest.boots, 2);
	assert_int_equal(w.manifest.rounds, 2);
	assert_int_equal(w.progress.done, w.progress.all);
	world_free(&w);
}

static int refuse(void *ctx, const struct session_stand *stand, struct session_size *size,
		  struct err *err)
{
	(void)ctx, (void)stand, (void)size;
	return err_set(err, EXIT_MACHINE, "no more");
}

static void test_next_can_end_the_run(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	w.next = refuse;
	world_run(&w, (struct fake_script){0});
	assert_int_equal(w.done, -1);
	assert_string_equal(w.err.text, "no more");
	world_free(&w);
}

/* Rows of one layer with a label: how many are ok, how many fail, and what the last ones say. */
struct crowd {
	const char *label;
	uint32_t layer;
	int ok, failed;
	struct sample last_ok, last_failed;
};

static int tally_crowd(void *ctx, const struct row *row, struct err *err)
{
	struct crowd *c = ctx;

	(void)err;
	if (row->layer != c->layer || strcmp(row->params, c->label) != 0 ||
	    strcmp(row->workload, "nop") != 0)
		return 0;
	if (row->sample.status == SAMPLE_OK) {
		c->ok++;
		c->last_ok = row->sample;
	} else {
		c->failed++;
		c->last_failed = row->sample;
	}
	return 0;
}

static struct crowd crowd_of(const struct world *w, uint32_t layer, const char *label)
{
	struct crowd c = {.layer = layer, .label = label};
	struct damage damage = {0};
	struct err err;

	assert_works(rows_read(w->dir, tally_crowd, &c, &damage, &err), err);
	assert_true(c.ok + c.failed > 0);
	return c;
}

static void world_multiply(struct world *w)
{
	const struct text_list copies = {.item = {"3"}, .count = 1},
			       guests = {.item = {"2"}, .count = 1};
	struct err err;

	assert_works(work_list_multiply(&w->works, &copies, &guests, &err), err);
	w->guests = 2;
}

static void test_copies_and_guests(void **state)
{
	struct world w;

	(void)state;
	world_make(&w);
	world_multiply(&w);
	world_run(&w, (struct fake_script){0});
	assert_works(w.done, w.err);
	for (uint32_t layer = 0; layer <= DEPTH; layer++) {
		struct crowd alone = crowd_of(&w, layer, ""),
			     copies = crowd_of(&w, layer, "copies=3"),
			     guests = crowd_of(&w, layer, "guests=2");

		assert_int_equal(alone.ok, ROUNDS * FAKE_BATCHES);
		assert_int_equal(copies.ok, ROUNDS * FAKE_BATCHES);
		assert_int_equal(guests.ok, ROUNDS * FAKE_BATCHES);
		assert_int_equal(copies.last_ok.ops, alone.last_ok.ops);
		assert_int_equal(copies.last_ok.elapsed_ns, 2 * alone.last_ok.elapsed_ns);
		assert_int_equal(guests.last_ok.elapsed_ns, 2 * alone.last_ok.elapsed_ns);
		assert_int_equal(copies.last_ok.digest, 3 * alone.last_ok.digest);
		assert_non_null(strstr(guests.last_ok.reason, "slowest of 2"));
	}
	world_free(&w);
}

/* The layer itself and all others are measured as if nothing had been. */
static void test_lost_guest(void **state)
{
	static const struct fake_script scripts[] = {
		{.layer = DEPTH, .trouble = FAKE_NO_GUEST, .after_runs = -1},
		{.layer = DEPTH, .trouble = FAKE_GUEST_DIES, .after_runs = 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct crowd lost;
		struct world w;

		world_make(&w);
		world_multiply(&w);
		world_run(&w, scripts[i]);
		assert_works(w.done, w.err);
		assert_int_equal(w.unreached, DEPTH);
		assert_non_null(strstr(w.why.text, "guest 2 is gone"));
		assert_int_equal(crowd_of(&w, DEPTH, "copies=3").ok, ROUNDS * FAKE_BATCHES);
		assert_int_equal(crowd_of(&w, 1, "guests=2").ok, ROUNDS * FAKE_BATCHES);
		lost = crowd_of(&w, DEPTH, "guests=2");
		assert_true(lost.failed > 0);
		assert_non_null(strstr(lost.last_failed.reason, "guest 2 is gone"));
		world_free(&w);
	}
}

/* Rows by round, and how many of them say that they repeat another. */
struct round_tally {
	uint32_t rows[8], repeats[8], repeated;
};

static int tally_round(void *ctx, const struct row *row, struct err *err)
{
	struct round_tally *t = ctx;
	uint32_t repeated = sample_repeats(row->sample.reason);

	(void)err;
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0)
		return 0;
	assert_int_equal(row->sample.status, SAMPLE_OK);
	t->rows[row->round]++;
	t->repeats[row->round] += repeated > 0;
	if (repeated)
		t->repeated = repeated;
	return 0;
}

static bool never(void *ctx, const struct session_stand *stand)
{
	struct world *w = ctx;

	assert_int_equal(stand->round, ROUNDS);
	w->asked++;
	return false;
}

/* A round of L0 that was disturbed is repeated once, whatever came of the repeat. */
static void test_disturbed_round_is_repeated(void **state)
{
	static const struct {
		int layer;
		uint32_t noise;
		double limit;
		uint32_t repeats, of; /* how many rounds more there are; the last repeats this */
		bool no_time, again;
	} cases[] = {
		{0, FAKE_QUIET, 0.1, 0, 0, false, false},
		{0, FAKE_QUIET | 1 << 2, 0.1, 1, 2, false, false},
		{0, FAKE_QUIET | 1 << 1, 0.1, 1, 1, false, false},
		{0, FAKE_QUIET | 1 << 1 | 1 << 2, 0.1, 2, 2, false, false},
		{0, FAKE_QUIET | 1 << 2 | 1 << 3, 0.1, 1, 2, false, true},
		{0, FAKE_QUIET | 1 << 2, 0.6, 0, 0, false, false},
		{0, FAKE_QUIET | 1 << 2, 0, 0, 0, false, false},
		{0, FAKE_QUIET | 1 << 2, 0.1, 0, 0, true, false},
		{1, FAKE_QUIET | 1 << 2, 0.1, 0, 0, false, false}, /* a guest's is not judged */
	};
	enum { EACH = WORKS * FAKE_BATCHES * (DEPTH + 1) };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layers layers = LAYERS_INIT;
		struct damage damage = {0};
		struct round_tally t = {0};
		const char *noise, *why;
		struct world w;

		world_make(&w);
		w.noise_limit = cases[i].limit;
		w.may_repeat = cases[i].no_time ? never : NULL;
		world_run(&w, (struct fake_script){.layer = cases[i].layer,
						   .after_runs = -1,
						   .noise = cases[i].noise});
		assert_works(w.done, w.err);
		assert_int_equal(w.asked, cases[i].no_time);
		assert_works(rows_read(w.dir, tally_round, &t, &damage, &w.err), w.err);
		for (uint32_t round = 1; round <= ROUNDS + cases[i].repeats; round++) {
			assert_int_equal(t.rows[round], EACH);
			assert_int_equal(t.repeats[round], round > ROUNDS ? EACH : 0);
		}
		assert_int_equal(t.rows[ROUNDS + cases[i].repeats + 1], 0);
		assert_int_equal(t.repeated, cases[i].of);
		assert_int_equal(w.manifest.rounds, ROUNDS);
		assert_int_equal(w.progress.done, w.progress.all);
		assert_works(layers_read(w.dir, &layers, &damage, &w.err), w.err);
		noise = layers_get(&layers, 1, 2, "round.1.noise");
		assert_non_null(noise);
		assert_string_equal(noise, "foreign=0.0000 steal=0.0000 wait=0.1000 "
					   "switches/s=0.0 load1=1.50 throttles=0");
		why = layers_get(&layers, 1, 0, "round.3.disturbed");
		assert_true((why != NULL) == cases[i].again);
		why = layers_get(&layers, 1, 0, "round.3.repeats");
		assert_true((why != NULL) == (cases[i].repeats > 0));
		why = layers_get(&layers, 1, 0, "round.2.disturbed");
		if (cases[i].of == 2)
			assert_string_equal(why, "others used 50.0 % of the CPUs and 0.0 % was "
						 "stolen (limit 10 %)");
		assert_null(layers_get(&layers, 1, 1, "round.2.disturbed"));
		layers_release(&layers);
		world_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_deaf_layer_is_given_up),
		cmocka_unit_test(test_lost_layer),
		cmocka_unit_test(test_lost_l0),
		cmocka_unit_test(test_wrong_clock_is_recorded),
		cmocka_unit_test(test_silent_start),
		cmocka_unit_test(test_slow_start),
		cmocka_unit_test(test_lost_while_calibrating),
		cmocka_unit_test(test_lost_on_the_way),
		cmocka_unit_test(test_frozen_batch),
		cmocka_unit_test(test_layer_that_cannot_start),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_plan_grows_during_the_run),
		cmocka_unit_test(test_next_can_end_the_run),
		cmocka_unit_test(test_copies_and_guests),
		cmocka_unit_test(test_lost_guest),
		cmocka_unit_test(test_disturbed_round_is_repeated),
	};

	signal(SIGPIPE, SIG_IGN); /* as interrupt_install() does */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
