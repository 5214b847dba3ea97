/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers that cannot be started, fall silent, hang or die on the way: the others continue. */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

/* A layer that does not even answer a cancel is given up, with all deeper ones; the others
 * continue. */
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

/* It ended because of the layer below, as when libvirt hangs: that one is lost, L0 is not. */
static void test_l0_dies_starting(void **state)
{
	struct world w;
	struct tally t;

	(void)state;
	world_make(&w);
	world_run(&w, (struct fake_script){0, FAKE_DIES_STARTING, -1, 0, 0});
	assert_works(w.done, w.err);
	assert_int_equal(w.unreached, 1);
	assert_int_equal(w.why.code, EXIT_MACHINE);
	if (!strstr(w.why.text, "L1 could not be started: L0 is gone: its agent ended"))
		fail_msg("%s", w.why.text);
	world_tally(&w, &t);
	assert_int_equal(t.rows[0][SAMPLE_OK], ALL);
	for (int layer = 1; layer <= DEPTH; layer++)
		assert_int_equal(t.rows[layer][SAMPLE_SKIP], ROUNDS * WORKS);
	world_free(&w);
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
		struct layers layers = {0};
		struct world w;
		struct tally t;
		const char *why;

		world_make(&w);
		w.restarts = 1;
		world_run(&w, script);
		assert_works(w.done, w.err);
		assert_true(clock_now(&clock_machine) - begin < 20 * NS_PER_S);
		world_tally(&w, &t);
		why = world_fact(&w, &layers, 0, "started_again");
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
		struct layers layers = {0};
		struct world w;
		struct tally t;

		world_make(&w);
		world_run(&w, script);
		assert_works(w.done, w.err);
		world_tally(&w, &t);
		assert_null(world_fact(&w, &layers, 0, "started_again"));
		assert_int_equal(t.rows[1][SAMPLE_OK], ALL);
		assert_int_equal(t.rows[2][SAMPLE_OK], i == 0 ? ALL : 0);
		assert_int_equal(t.rows[2][SAMPLE_SKIP], i == 0 ? 0 : ROUNDS * WORKS);
		if (i == 1 &&
		    !strstr(w.why.text, "L1 did not answer \"start_child\" within 1032 s; "
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
		struct layers layers = {0};
		struct world w;
		struct tally t;
		const char *why;

		world_make(&w);
		w.restarts = 1;
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
		why = world_fact(&w, &layers, 0, "calibrated_without");
		assert_non_null(why);
		/* The rows say what was found of it then, too. */
		assert_memory_equal(why, t.reason, strlen(why));
		/* It got a second chance, which it did not take. */
		assert_non_null(layers_get(&layers, 1, 0, "started_again"));
		layers_release(&layers);
		world_free(&w);
	}
}

/* No round is measured yet: all are started once more, and the counts are everybody's. */
static void test_silent_while_calibrating(void **state)
{
	(void)state;
	for (int layer = 1; layer <= DEPTH; layer++) {
		const struct fake_script script = {.layer = layer,
						   .trouble = FAKE_FREEZES_LATE,
						   .after_runs = 4, /* the second kernel */
						   .times = 1};
		struct layers layers = {0};
		struct world w;
		struct tally t;
		const char *why;
		char want[40];

		world_make(&w);
		w.restarts = 1;
		world_run(&w, script);
		assert_works(w.done, w.err);
		assert_int_equal(w.unreached, 0);
		world_tally(&w, &t);
		for (int i = 0; i <= DEPTH; i++) {
			assert_int_equal(t.rows[i][SAMPLE_OK], ALL);
			assert_int_equal(t.last_ok[i].ops, 250000);
			assert_int_equal(t.boots[i], i > 0);
		}
		why = world_fact(&w, &layers, 0, "started_again");
		snprintf(want, sizeof(want), "L%d is gone: silent for ", layer);
		if (!why || !strstr(why, want) || !strstr(why, "was calibrated in"))
			fail_msg("started again, because %s", why ? why : "(nothing)");
		assert_null(layers_get(&layers, 1, 0, "calibrated_without"));
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
	static const enum fake_trouble troubles[] = {FAKE_NO_START, FAKE_OTHER_KERNEL,
						     FAKE_OTHER_DL, FAKE_NO_DL};

	(void)state;
	for (int i = 0; i < 4; i++) {
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deaf_layer_is_given_up),
		cmocka_unit_test(test_lost_layer),
		cmocka_unit_test(test_lost_l0),
		cmocka_unit_test(test_l0_dies_starting),
		cmocka_unit_test(test_silent_start),
		cmocka_unit_test(test_slow_start),
		cmocka_unit_test(test_lost_while_calibrating),
		cmocka_unit_test(test_silent_while_calibrating),
		cmocka_unit_test(test_lost_on_the_way),
		cmocka_unit_test(test_frozen_batch),
		cmocka_unit_test(test_layer_that_cannot_start),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
