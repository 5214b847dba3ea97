/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kernels that hang while they are calibrated: it costs little, rows say so, and the other layers
 * and workloads go on.
 */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

/* Why the rows of nop that are no measurement are none, and whose there are how many. */
struct story {
	char reason[ROUNDS + 1][DEPTH + 1][SAMPLE_REASON];
	int timeouts[ROUNDS + 1][DEPTH + 1], ok[ROUNDS + 1][DEPTH + 1];
	uint64_t ops[DEPTH + 1];
};

static int tell(void *ctx, const struct row *row, struct err *err)
{
	struct story *s = ctx;

	(void)err;
	if (strcmp(row->workload, "nop") != 0)
		return 0;
	strcpy(s->reason[row->round][row->layer], row->sample.reason);
	s->timeouts[row->round][row->layer] += row->sample.status == SAMPLE_TIMEOUT;
	s->ok[row->round][row->layer] += row->sample.status == SAMPLE_OK;
	if (row->sample.status == SAMPLE_OK)
		s->ops[row->layer] = row->sample.ops;
	return 0;
}

static void world_story(const struct world *w, struct story *s)
{
	struct damage damage = {0};
	struct err err;

	memset(s, 0, sizeof(*s));
	assert_works(rows_read(w->dir, tell, s, &damage, &err), err);
}

static void assert_holds(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("\"%s\" does not hold \"%s\"", text, part);
}

/* In one layer: it is tried again in the first round, and then no more; the others find the count.
 */
static void test_in_one_layer(void **state)
{
	static const char *const calibration[] = {
		"did not end within 20 s", "did not end within 28 s", "did not end within 38 s"};
	static const char *const batch[] = {"did not end within 10 s", "did not end within 20 s",
					    "did not end within 30 s"};

	(void)state;
	for (int layer = 0; layer <= DEPTH; layer++) {
		struct world w;
		struct tally t;
		struct story s;

		world_make(&w);
		fake_hangs = 0;
		world_run(&w, (struct fake_script){layer, FAKE_HANGS, -1, 0, 0});
		assert_works(w.done, w.err);
		world_tally(&w, &t);
		world_story(&w, &s);
		for (int other = 0; other <= DEPTH; other++)
			assert_int_equal(t.rows[other][SAMPLE_OK], other == layer ? 0 : ALL);
		assert_int_equal(t.rows[layer][SAMPLE_TIMEOUT], ROUNDS * WORKS);
		/* Each of both works is calibrated once and tried once. */
		assert_int_equal(fake_hangs, 2 * WORKS);
		assert_holds(s.reason[1][layer], "a batch of nop");
		assert_holds(s.reason[1][layer], batch[layer]);
		assert_holds(s.reason[2][layer], "the calibration of nop");
		assert_holds(s.reason[2][layer], calibration[layer]);
		/* L2 is the slowest of those that can tell, or L1. */
		assert_int_equal(s.ops[layer ? 0 : 1], layer == DEPTH ? 500000 : 250000);
		world_free(&w);
	}
}

/* In all of them: none after the first gets the allowance for a first operation. */
static void test_in_all_layers(void **state)
{
	static const char *const limit[] = {"within 20 s", "within 28 s", "within 38 s"};
	struct world w;
	struct tally t;
	struct story s;

	(void)state;
	world_make(&w);
	fake_hangs = 0;
	world_run(&w, (struct fake_script){FAKE_ALL_LAYERS, FAKE_HANGS, -1, 0, 0});
	assert_works(w.done, w.err);
	world_tally(&w, &t);
	world_story(&w, &s);
	for (int layer = 0; layer <= DEPTH; layer++) {
		assert_int_equal(t.rows[layer][SAMPLE_TIMEOUT], ROUNDS * WORKS);
		assert_holds(s.reason[2][layer], limit[layer]);
	}
	assert_int_equal(fake_hangs, 2 * WORKS * (DEPTH + 1));
	world_free(&w);
}

/* It hung once, by chance: from the first round on it is measured as ever. */
static void test_only_once(void **state)
{
	struct world w;
	struct tally t;

	(void)state;
	world_make(&w);
	world_run(&w, (struct fake_script){
			      .layer = 1, .trouble = FAKE_HANGS, .after_runs = -1, .times = 1});
	assert_works(w.done, w.err);
	world_tally(&w, &t);
	for (int layer = 0; layer <= DEPTH; layer++)
		assert_int_equal(t.rows[layer][SAMPLE_OK], ALL);
	world_free(&w);
}

/* A user's program may be slow: it has its time, and where it is too slow a batch is one run. */
static void test_program_of_the_user(void **state)
{
	static const struct command_line line = {.line = "true"};
	struct world w;
	struct story s;

	(void)state;
	world_make(&w);
	w.works.item[0].command = &line;
	fake_hangs = 0;
	world_run(&w, (struct fake_script){
			      .layer = 0, .trouble = FAKE_HANGS, .after_runs = -1, .times = 1});
	assert_works(w.done, w.err);
	world_story(&w, &s);
	assert_int_equal(fake_hangs, 1);
	for (int layer = 0; layer <= DEPTH; layer++) {
		assert_int_equal(s.ok[2][layer], FAKE_BATCHES);
		assert_int_equal(s.ops[layer], 1);
	}
	world_free(&w);
	/* For ever: the layers below are tried once. */
	world_make(&w);
	w.works.item[0].command = &line;
	fake_hangs = 0;
	world_run(&w, (struct fake_script){FAKE_ALL_LAYERS, FAKE_HANGS, -1, 0, 0});
	world_story(&w, &s);
	assert_holds(s.reason[1][0], "a batch of nop did not end within 120 s");
	assert_holds(s.reason[2][0], "the calibration of nop did not end within 130 s");
	assert_holds(s.reason[2][1], "did not end in an outer layer");
	assert_int_equal(fake_hangs, 2 * (DEPTH + 1) + 1 + DEPTH + 1);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_one_layer),
		cmocka_unit_test(test_in_all_layers),
		cmocka_unit_test(test_only_once),
		cmocka_unit_test(test_program_of_the_user),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
