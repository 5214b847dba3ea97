/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The whole run with a fake driver: bring-up, calibration, plan, rows, failures of workloads and
 * clocks, clean-up; in milliseconds and without a VM. Layers that are lost: session_lost.c; kernels
 * that hang: session_hung.c; an image that changes: session_image.c; many at once: session_many.c;
 * disturbed rounds: session_disturbance.c.
 */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

#include <unistd.h>

static void test_fine(void **state)
{
	struct world w;
	struct tally t;
	struct layers layers = {0};
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
	for (uint32_t layer = 0; layer <= DEPTH; layer++) {
		assert_null(layers_get(&layers, 1, layer, "../bad key"));
		assert_string_equal(layers_get(&layers, 1, layer, "kernel"), "6.1");
		/* What a layer says of itself is not all believed. */
		assert_null(layers_get(&layers, 1, layer, "started_again"));
		assert_null(layers_get(&layers, 1, layer, "round.1.disturbed"));
		if (layer)
			assert_string_equal(layers_get(&layers, 1, layer, "boot_ns"), "2000000000");
	}
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
		{FAKE_FAST_CLOCK, 6, SAMPLE_SUSPECT, ALL, 0, 0, "the layer's clock ran fast"},
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

static int count_threads(void *ctx, const struct row *row, struct err *err)
{
	(void)err;
	if (strcmp(row->workload, "cpu.scale") == 0)
		((int *)ctx)[row->threads]++;
	return 0;
}

/* One thread on each CPU is other work than one thread, in every layer. */
static void test_threads(void **state)
{
	const struct text_list pick = {.item = {"cpu.scale", "cpu.scale threads=1"}, .count = 2};
	int rows[2] = {0, 0};
	struct damage damage = {0};
	struct world w;

	(void)state;
	world_make(&w);
	work_list_release(&w.works);
	assert_works(work_list_make(&w.works, profile_find("quick", &w.err), &pick, &w.err), w.err);
	assert_int_equal(w.works.count, WORKS);
	fake_threads_named = 0;
	world_run(&w, (struct fake_script){0});
	assert_works(w.done, w.err);
	/* Once for the calibration and once in each round. */
	assert_int_equal(fake_threads_named, (DEPTH + 1) * (1 + ROUNDS));
	assert_works(rows_read(w.dir, count_threads, rows, &damage, &w.err), w.err);
	assert_int_equal(rows[THREADS_ON_EACH_CPU], (DEPTH + 1) * ROUNDS * FAKE_BATCHES);
	assert_int_equal(rows[1], (DEPTH + 1) * ROUNDS * FAKE_BATCHES);
	world_free(&w);
}

/* When a clock is found wrong behind the last round, layers.csv says from when on. */
static void test_wrong_clock_is_recorded(void **state)
{
	struct world w;
	struct layers layers = {0};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),
		cmocka_unit_test(test_troubles),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_wrong_clock_is_recorded),
		cmocka_unit_test(test_interrupt),
		cmocka_unit_test(test_plan_grows_during_the_run),
		cmocka_unit_test(test_next_can_end_the_run),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
