/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many at once: copies in a layer, and sibling VMs at the deepest one. */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

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
		assert_int_equal(2 * guests.last_ok.fastest_ns, guests.last_ok.elapsed_ns);
		assert_int_equal(alone.last_ok.fastest_ns, 0);
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

/* Rows that need no more than the siblings before the one in trouble are measured. */
static void test_trouble_of_one_guest(void **state)
{
	static const struct {
		enum fake_trouble trouble;
		int after_runs;
		const char *lost;
	} cases[] = {
		{FAKE_GUEST_SILENT, -1, "guest 3 is gone: L2: guest 3: out of memory"},
		{FAKE_GUEST_TWICE, -1, "guest 4 is gone: L2: it did not describe itself"},
		{FAKE_GUEST_CRASHES, 20, "guest 3: nestkernel was ended by signal 11"},
		{FAKE_GUEST_HANGS, 20, "guest 3 is gone: a batch of"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct text_list guests = {.item = {"2", "4"}, .count = 2},
				       none = {.count = 0};
		struct crowd lost;
		struct world w;
		struct err err;

		world_make(&w);
		assert_works(work_list_multiply(&w.works, &none, &guests, &err), err);
		w.guests = 4;
		world_run(&w, (struct fake_script){.layer = DEPTH,
						   .trouble = cases[i].trouble,
						   .after_runs = cases[i].after_runs});
		assert_works(w.done, w.err);
		assert_int_equal(crowd_of(&w, DEPTH, "").ok, ROUNDS * FAKE_BATCHES);
		lost = crowd_of(&w, DEPTH, "guests=4");
		if (!lost.failed || !strstr(lost.last_failed.reason, cases[i].lost))
			fail_msg("%s, not %s", lost.last_failed.reason, cases[i].lost);
		assert_int_equal(crowd_of(&w, DEPTH, "guests=2").ok, ROUNDS * FAKE_BATCHES);
		world_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies_and_guests),
		cmocka_unit_test(test_lost_guest),
		cmocka_unit_test(test_trouble_of_one_guest),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
