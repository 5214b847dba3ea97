/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/resume_world.h"

#include <fcntl.h>
#include <unistd.h>

long world_readings_left;
struct fake_script world_script;
double world_noise_limit;
uint32_t world_restarts;

static int interrupt[2];
static const struct manifest *watched;
static bool calibrating;

static uint64_t read_clock(void *ctx)
{
	bool again = calibrating && watched->job[0].ops == 0;

	calibrating = watched->job[0].ops == 0;
	if (!again && world_readings_left > 0 && --world_readings_left == 0)
		assert_int_equal(write(interrupt[1], "x", 1), 1);
	return fake_clock.now_ns(ctx);
}

static const struct clock stopping_clock = {.now_ns = read_clock};

void world_make(struct world *w)
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

void world_free(struct world *w)
{
	work_list_release(&w->works);
	manifest_release(&w->manifest);
	test_dir_remove(w->dir);
}

int world_start(struct world *w, struct resume_state *resume_state, long stop_at)
{
	struct session_config c = {
		.dir = w->dir,
		.run = "test-run",
		.work_dir = w->dir,
		.vm_size = {.depth = DEPTH,
			    .guests = 1,
			    .host_cpus = 1,
			    .vcpus = 1,
			    .memory_bytes = 1 << 20},
		.size = {.boots = BOOTS, .rounds = ROUNDS, .batches = FAKE_BATCHES - 1},
		.warm_up = 1,
		.batch_ns = NS_PER_MS / 4,
		.noise_limit = world_noise_limit,
		.restarts = world_restarts,
		.seed = 1,
		.works = &w->works,
		.resume_state = resume_state,
		.stack = scripted_stack(DEPTH),
		.clock = &stopping_clock};
	int talk = dup(2), null = open("/dev/null", O_WRONLY), done;
	struct err *err = &w->err, why;
	uint32_t unreached;

	assert_int_equal(pipe(interrupt), 0);
	c.interrupt_fd = interrupt[0];
	world_readings_left = stop_at;
	watched = &w->manifest;
	calibrating = false;
	fake_script = world_script;
	dup2(null, 2); /* what the run says is not of interest, what cmocka says is */
	done = session_run(&c, &w->manifest, &w->progress, &unreached, &why, err);
	dup2(talk, 2);
	close(talk);
	close(null);
	close(interrupt[0]);
	close(interrupt[1]);
	assert_int_equal(fake_agents, 0);
	if (done < 0 && err->code != EXIT_INTERRUPTED && err->code != EXIT_MACHINE &&
	    world_script.trouble != FAKE_DIES)
		fail_msg("%s", err->text);
	return done;
}

int world_go_on(struct world *w, long stop_at)
{
	struct err err;
	struct resume_state *resume_state = resume_state_read(w->dir, "test-run", &w->works, &err);
	int done;

	if (!resume_state)
		fail_msg("%s", err.text);
	done = world_start(w, resume_state, stop_at);
	resume_state_free(resume_state);
	return done;
}
