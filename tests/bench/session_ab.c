/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two runs in one, with the fake driver: whose turn it is, and where the rows go. */
#include "tests/check.h"

#include <fcntl.h>
#include <unistd.h>

#include "bench/session/session.h"
#include "lib/streams.h"
#include "results/rundir/rows.h"
#include "tests/bench/fake.h"

enum { DEPTH = 1, ROUNDS = 2, BOOTS = 3 };

/* The kernels that were booted, a letter each. */
static char booted[4 * BOOTS];

static int noting_start(struct layer *layer, struct err *err)
{
	strcat(booted, layer->spec.kernel);
	assert_string_equal(layer->spec.options->item[0],
			    booted[0] == layer->spec.kernel[0] ? "emulator=q" : "emulator=Q");
	return driver_script.start(layer, err);
}

static void noting_stop(struct layer *layer)
{
	driver_script.stop(layer);
}

static const struct driver driver_noting = {
	.name = "noting", .start = noting_start, .stop = noting_stop};

struct world {
	char *dir[2];
	int interrupt[2];
	struct work_list works;
	struct manifest manifest[2];
	struct progress progress;
	uint32_t unreached;
	struct err why, err;
	session_next_fn next;
	int done;
};

static void world_run(struct world *w, struct fake_script script)
{
	const struct text_list pick = {.item = {"nop", "cpu.int"}, .count = 2};
	struct manifest *m[2] = {&w->manifest[0], &w->manifest[1]};
	static struct text_list options[2][2] = {
		{{.item = {"emulator=q"}, .count = 1}, {.item = {"emulator=q"}, .count = 1}},
		{{.item = {"emulator=Q"}, .count = 1}, {.item = {"emulator=Q"}, .count = 1}}};
	static struct stack stack[2] = {
		{.driver = {&driver_noting, &driver_kvm}, .options = options[0]},
		{.driver = {&driver_noting, &driver_kvm}, .options = options[1]}};
	struct session_config c[2];

	for (int i = 0; i < 2; i++)
		layer_tree_chain(&stack[i].tree, DEPTH + 1);
	struct err err;
	int talk = dup(2), null = open("/dev/null", O_WRONLY);

	booted[0] = '\0';
	assert_int_equal(pipe(w->interrupt), 0);
	assert_works(work_list_make(&w->works, profile_find("quick", &err), &pick, &err), err);
	progress_init(&w->progress, &fake_clock, true);
	for (int i = 0; i < 2; i++) {
		w->dir[i] = test_dir_make();
		c[i] = (struct session_config){.dir = w->dir[i],
					       .run = i ? "run-b" : "run-a",
					       .work_dir = w->dir[0],
					       .size = {BOOTS, ROUNDS, FAKE_BATCHES - 1},
					       .next = w->next,
					       .warm_up = 1,
					       .batch_ns = NS_PER_MS,
					       .seed = 1,
					       .vm_size = {.depth = DEPTH,
							   .guests = 1,
							   .host_cpus = 2,
							   .vcpus = 1,
							   .memory_bytes = 1 << 20},
					       .kernel = i ? "B" : "A",
					       .works = &w->works,
					       .stack = &stack[i],
					       .clock = &fake_clock,
					       .interrupt_fd = w->interrupt[0]};
	}
	fake_script = script;
	dup2(null, 2);
	w->done = session_run_ab(c, m, &w->progress, &w->unreached, &w->why, &w->err);
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
	for (int i = 0; i < 2; i++) {
		manifest_release(&w->manifest[i]);
		test_dir_remove(w->dir[i]);
	}
}

struct tally {
	const char *run;
	uint32_t boots;
	size_t rows, ops; /* ops: of the rows of one kernel in L0 */
	char order[512];  /* of the jobs: layer and workload */
};

static int tally_row(void *ctx, const struct row *row, struct err *err)
{
	struct tally *t = ctx;
	size_t len = strlen(t->order);

	(void)err;
	assert_string_equal(row->run, t->run);
	if (row->boot > t->boots)
		t->boots = row->boot;
	if (strcmp(row->workload, SESSION_BOOT_WORKLOAD) == 0)
		return 0;
	t->rows++;
	if (row->sample.batch == 1)
		snprintf(t->order + len, sizeof(t->order) - len, "%u%c", row->layer,
			 row->workload[0]);
	if (row->layer == 0 && row->workload[0] == 'n')
		t->ops = row->sample.ops;
	return 0;
}

static struct tally tally(const struct world *w, int side)
{
	struct tally t = {.run = side ? "run-b" : "run-a"};
	struct damage damage = {0};
	struct err err;

	assert_works(rows_read(w->dir[side], tally_row, &t, &damage, &err), err);
	assert_int_equal(damage.count, 0);
	return t;
}

/* A B B A A B; both sides do the same work in the same order. */
static void test_turns(void **state)
{
	struct world w = {0};
	struct tally a, b;

	(void)state;
	world_run(&w, (struct fake_script){0});
	assert_works(w.done, w.err);
	assert_int_equal(w.unreached, 0);
	assert_string_equal(booted, "ABBAAB");
	a = tally(&w, 0);
	b = tally(&w, 1);
	assert_int_equal(a.boots, BOOTS);
	assert_int_equal(b.boots, BOOTS);
	assert_int_equal(a.rows, BOOTS * ROUNDS * 2 * (DEPTH + 1) * FAKE_BATCHES);
	assert_int_equal(b.rows, a.rows);
	assert_int_equal(b.ops, a.ops);
	assert_string_equal(b.order, a.order);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(w.manifest[i].boots, BOOTS);
		assert_non_null(facts_get(&w.manifest[i].hashes, "nestkernel_sha256"));
	}
	world_free(&w);
}

static int two_boots(void *ctx, const struct session_stand *stand, struct session_size *size,
		     struct err *err)
{
	(void)ctx;
	(void)err;
	if (stand->boot == 2)
		size->boots = 2;
	return 0;
}

/* Whoever ends it early gets whole pairs. */
static void test_early_end(void **state)
{
	struct world w = {.next = two_boots};

	(void)state;
	world_run(&w, (struct fake_script){0});
	assert_works(w.done, w.err);
	assert_string_equal(booted, "ABBA");
	assert_int_equal(tally(&w, 0).rows, tally(&w, 1).rows);
	assert_int_equal(w.manifest[1].boots, 2);
	world_free(&w);
}

/* What does not start on one side leaves skip rows there, and the other side is measured. */
static void test_trouble(void **state)
{
	struct world w = {0};

	(void)state;
	world_run(&w, (struct fake_script){.layer = 1, .trouble = FAKE_NO_START, .after_runs = -1});
	assert_works(w.done, w.err);
	assert_int_equal(w.unreached, 1);
	assert_string_equal(booted, "ABBAAB");
	assert_true(tally(&w, 1).rows > 0);
	world_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_early_end),
		cmocka_unit_test(test_trouble),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
