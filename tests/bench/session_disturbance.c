/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rounds that others disturbed are repeated. */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

/* Rows by round, and how many of them say that they repeat another. */
struct round_tally {
	uint32_t rows[8], repeats[8], repeated;
};

static int tally_round(void *ctx, const struct row *row, struct err *err)
{
	struct round_tally *t = ctx;
	uint32_t repeated = row->repeats;

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
		struct layers layers = {0};
		struct damage damage = {0};
		struct round_tally t = {0};
		const char *noise, *why;
		struct world w;

		world_make(&w);
		w.noise_limit = cases[i].limit;
		w.may_remeasure = cases[i].no_time ? never : NULL;
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
		cmocka_unit_test(test_disturbed_round_is_repeated),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
