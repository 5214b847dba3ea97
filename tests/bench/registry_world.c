/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/registry_world.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/run/leftovers.h"

char base[] = "/tmp/nbt-XXXXXX";

void ignore_line(void *ctx, const char *line)
{
	(void)ctx;
	(void)line;
}

int make_base(void **state)
{
	struct cleaning c = {.say = ignore_line};
	struct err err;

	(void)state;
	assert_non_null(mkdtemp(base));
	assert_int_equal(setenv("XDG_RUNTIME_DIR", base, 1), 0);
	assert_int_equal(setenv("NESTBENCH_TMP", base, 1), 0);
	/* A half-built image in the cache, which is the user's, is not to be counted here. */
	return leftovers_clean(&c, &err);
}

int remove_base(void **state)
{
	struct err err;

	(void)state;
	assert_works(file_remove_tree(base, &err), err);
	return 0;
}

struct owner run_named(const char *run)
{
	struct owner who = {.what = "run", .dir = "/nonexistent"};

	snprintf(who.run, sizeof(who.run), "%s", run);
	return who;
}

pid_t claim_elsewhere(const struct owner *who, const char *dir)
{
	struct claim c;
	struct err err;
	int up[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(up), 0);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (registry_claim(&c, who, false, &err) < 0 ||
		    (dir && registry_lock_dir(&c, dir, &err) < 0) || write(up[1], "u", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(up[1]);
	assert_int_equal(read(up[0], &byte, 1), 1);
	close(up[0]);
	return pid;
}

void kill_it(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static int see(void *ctx, const struct owner *owner, struct err *err)
{
	struct seen *s = ctx;

	(void)err;
	if (strncmp(owner->work_dir, base, strlen(base)) != 0)
		return 0;
	*(owner->alive ? &s->alive : &s->dead) += 1;
	if (!s->wanted || strcmp(owner->run, s->wanted) == 0)
		s->last = *owner;
	return 0;
}

struct seen look_for(const char *wanted)
{
	struct seen s = {.wanted = wanted};
	struct err err;

	assert_works(registry_walk(see, &s, &err), err);
	return s;
}

struct seen look(void)
{
	return look_for(NULL);
}
