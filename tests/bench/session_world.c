/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/session_world.h"

#include <fcntl.h>
#include <unistd.h>

void world_make(struct world *w)
{
	const struct text_list pick = {.item = {"nop", "cpu.int"}, .count = 2};
	struct err err;

	*w = (struct world){.dir = test_dir_make()};
	assert_int_equal(pipe(w->interrupt), 0);
	assert_works(work_list_make(&w->works, profile_find("quick", &err), &pick, &err), err);
	progress_init(&w->progress, &fake_clock, true);
}

void world_run(struct world *w, struct fake_script script)
{
	const struct session_config c = {.dir = w->dir,
					 .run = "test-run",
					 .work_dir = w->dir,
					 .size = {1, ROUNDS, FAKE_BATCHES - 1},
					 .next = w->next,
					 .next_ctx = w,
					 .noise_limit = w->noise_limit,
					 .restarts = w->restarts,
					 .may_remeasure = w->may_remeasure,
					 .warm_up = 1,
					 .batch_ns = NS_PER_MS,
					 .seed = 1,
					 .vm_size = {.depth = DEPTH,
						     .guests = w->guests ? w->guests : 1,
						     .host_cpus = 2,
						     .vcpus = 1,
						     .memory_bytes = 1 << 20},
					 .disk = w->disk,
					 .works = &w->works,
					 .stack = scripted_stack(DEPTH),
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

void world_free(struct world *w)
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

void world_tally(const struct world *w, struct tally *t)
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

const char *world_fact(const struct world *w, struct layers *layers, uint32_t layer,
		       const char *key)
{
	struct damage damage = {0};
	struct err err;

	assert_works(layers_read(w->dir, layers, &damage, &err), err);
	return layers_get(layers, 1, layer, key);
}
