/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Layers that are lost are started again: before the first round all, in the rounds as a new boot.
 */
#include "lib/streams.h"
#include "tests/bench/session_world.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/file.h"

/* What the rows say of the boots. */
struct boots {
	uint32_t last; /* the largest number */
	uint64_t ok[4][DEPTH + 1], fail;
	uint32_t first_round[4], last_round[4];
	char reason[SAMPLE_REASON];
};

static int see_row(void *ctx, const struct row *row, struct err *err)
{
	struct boots *b = ctx;

	(void)err;
	assert_true(row->boot >= 1 && row->boot < 4);
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0)
		return 0;
	if (row->boot > b->last)
		b->last = row->boot;
	if (row->sample.status == SAMPLE_FAIL || row->sample.status == SAMPLE_TIMEOUT) {
		b->fail++;
		strcpy(b->reason, row->sample.reason);
		return 0;
	}
	assert_int_equal(row->sample.status, SAMPLE_OK);
	b->ok[row->boot][row->layer]++;
	if (!b->first_round[row->boot] || row->round < b->first_round[row->boot])
		b->first_round[row->boot] = row->round;
	if (row->round > b->last_round[row->boot])
		b->last_round[row->boot] = row->round;
	return 0;
}

static void see_boots(const struct world *w, struct boots *b)
{
	struct damage damage = {0};
	struct err err;

	*b = (struct boots){0};
	assert_works(rows_read(w->dir, see_row, b, &damage, &err), err);
}

static void read_kept(const struct world *w, const char *name, struct buf *text)
{
	char path[300];
	struct err err;

	snprintf(path, sizeof(path), "%s/evidence/%s", w->dir, name);
	assert_works(file_read(path, 1 << 20, text, &err), err);
}

/* What is kept is what the layer above found, made fit for a terminal, under our own names. */
static void check_evidence(const struct world *w, int layer)
{
	struct buf text = BUF_INIT;
	char name[64], path[300];

	snprintf(name, sizeof(name), "boot-1-L%d/console.txt", layer);
	read_kept(w, name, &text);
	assert_string_equal(buf_str(&text), "Kernel panic\n?[31mbad\n");
	buf_clear(&text);
	snprintf(name, sizeof(name), "boot-1-L%d/reason.txt", layer);
	read_kept(w, name, &text);
	assert_non_null(strstr(buf_str(&text), "SHUTDOWN (?guest-reset)"));
	buf_release(&text);
	snprintf(path, sizeof(path), "%s/evidence/x", w->dir);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/evidence/boot-1-L%d/log.txt", w->dir, layer);
	assert_int_equal(access(path, F_OK), -1);
}

/* In a round: the round is measured again, as a whole, by a new boot; all rows of all layers are
 * there.
 */
static void test_lost_in_a_round(void **state)
{
	static const enum fake_trouble troubles[] = {FAKE_DIES, FAKE_FREEZES_LATE};
	enum { CALIBRATION = (DEPTH + 1) * WORKS, ROUND = (DEPTH + 1) * WORKS };

	(void)state;
	for (int i = 0; i < 2; i++)
		for (int after = CALIBRATION; after < CALIBRATION + ROUNDS * ROUND; after += 3)
			for (int layer = 1; layer <= DEPTH; layer++) {
				struct layers layers = {0};
				uint32_t round = 1 + (uint32_t)(after - CALIBRATION) / ROUND;
				const char *from;
				struct boots b;
				struct world w;

				world_make(&w);
				w.restarts = 1;
				world_run(&w,
					  (struct fake_script){layer, troubles[i], after, 1, 0});
				assert_works(w.done, w.err);
				see_boots(&w, &b);
				assert_int_equal(w.unreached, 0);
				/* The layer may not have been asked any more in the last round. */
				if (b.last == 1)
					assert_int_equal(round, ROUNDS);
				for (int k = 0; k <= DEPTH && b.last == 2; k++) {
					assert_int_equal(b.last_round[2], ROUNDS);
					assert_int_equal(b.ok[2][k],
							 (ROUNDS + 1 - b.first_round[2]) * WORKS *
								 FAKE_BATCHES);
					assert_true(b.ok[1][k] + b.ok[2][k] >= ALL);
				}
				if (b.last == 2) {
					assert_int_equal(b.fail, 1);
					assert_true(b.first_round[2] >= round);
					assert_null(world_fact(&w, &layers, 0, "restarted_layers"));
					from = layers_get(&layers, 2, 0, "restarted_layers");
					assert_non_null(from);
					assert_int_equal(from[1], '0' + layer);
					assert_int_equal(
						strtol(layers_get(&layers, 2, 0, "from_round"),
						       NULL, 10),
						b.first_round[2]);
					/* The new boot tells of all its layers. */
					for (uint32_t k = 0; k <= DEPTH; k++)
						assert_non_null(layers_get(&layers, 2, k,
									   "nestkernel_sha256"));
					check_evidence(&w, layer);
				}
				layers_release(&layers);
				world_free(&w);
			}
}

/* Not more often than is allowed: then it is as without. */
static void test_restarts_end(void **state)
{
	(void)state;
	for (int layer = 1; layer <= DEPTH; layer++) {
		struct boots b;
		struct world w;

		world_make(&w);
		w.restarts = 2;
		world_run(&w, (struct fake_script){layer, FAKE_DIES, 8, 0, 0});
		assert_works(w.done, w.err);
		assert_int_equal(w.unreached, layer);
		see_boots(&w, &b);
		assert_int_equal(b.last, 3);
		assert_non_null(strstr(b.reason, "QEMU died"));
		assert_string_equal(facts_get(&w.manifest.more, "restarts"), "2");
		for (int k = 0; k < layer; k++)
			assert_true(b.ok[3][k] >= WORKS * FAKE_BATCHES);
		world_free(&w);
	}
}

/* A VM that was started and does not come up gets as many tries more as is allowed. */
static void test_boot_is_lost(void **state)
{
	enum { RESTARTS = 3 };

	(void)state;
	for (int times = 1; times <= RESTARTS + 1; times++)
		for (int layer = 1; layer <= DEPTH; layer++) {
			const struct fake_script script = {.layer = layer,
							   .trouble = FAKE_BOOT_LOST,
							   .after_runs = -1,
							   .times = times};
			struct layers layers = {0};
			const char *why;
			struct world w;
			struct tally t;

			world_make(&w);
			w.restarts = RESTARTS;
			world_run(&w, script);
			assert_works(w.done, w.err);
			world_tally(&w, &t);
			assert_int_equal(w.unreached, times > RESTARTS ? layer : 0);
			assert_int_equal(t.rows[DEPTH][SAMPLE_OK], times > RESTARTS ? 0 : ALL);
			why = world_fact(&w, &layers, 0, "started_again");
			assert_non_null(why);
			assert_non_null(strstr(why, "no hello from its agent"));
			assert_int_equal(layers_get(&layers, 1, 0, "started_again.2") != NULL,
					 times > 1);
			check_evidence(&w, layer);
			layers_release(&layers);
			world_free(&w);
		}
}

/* Dies while it calibrates: likewise; what is not a loss is not tried again. */
static void test_early_losses(void **state)
{
	static const struct {
		enum fake_trouble trouble;
		bool again;
	} cases[] = {{FAKE_DIES, true}, {FAKE_NO_START, false}, {FAKE_OTHER_KERNEL, false}};

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct layers layers = {0};
		struct world w;
		struct tally t;

		world_make(&w);
		w.restarts = 3;
		world_run(&w, (struct fake_script){2, cases[i].trouble, i ? -1 : 3, 1, 0});
		assert_works(w.done, w.err);
		world_tally(&w, &t);
		assert_int_equal(w.unreached, cases[i].again ? 0 : 2);
		assert_int_equal(t.rows[2][SAMPLE_OK], cases[i].again ? ALL : 0);
		assert_int_equal(world_fact(&w, &layers, 0, "started_again") != NULL,
				 cases[i].again);
		layers_release(&layers);
		world_free(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost_in_a_round),
		cmocka_unit_test(test_restarts_end),
		cmocka_unit_test(test_boot_is_lost),
		cmocka_unit_test(test_early_losses),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
