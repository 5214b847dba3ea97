/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who runs here, and what the dead left behind. Everything happens in a directory of the
 * test's own.
 */
#include "tests/bench/registry_world.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/cleanup/procs.h"
#include "bench/run/leftovers.h"
#include "bench/run/run_dirs.h"
#include "plots/plot.h"

/* With this argument we begin anew, and anew. */
#define BEGINS "begins"

static void claim_is_seen_while_it_lives(void **state)
{
	struct owner who = run_named("seen-1");
	struct claim c;
	struct seen s;
	struct stat st;
	struct err err;

	(void)state;
	assert_works(registry_claim(&c, &who, false, &err), err);
	assert_int_equal(stat(c.work_dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	s = look();
	assert_int_equal(s.alive, 1);
	assert_int_equal(s.dead, 0);
	assert_string_equal(s.last.run, "seen-1");
	assert_string_equal(s.last.work_dir, c.work_dir);
	assert_int_equal(s.last.pid, getpid());
	assert_int_equal(s.last.start_ticks, procs_start_ticks(getpid()));
	assert_works(registry_release(&c, &err), err);
	assert_works(registry_release(&c, &err), err);
	assert_int_equal(look().alive, 0);
}

/* A path is any bytes. */
static void claim_in_any_directory(void **state)
{
	struct owner who = run_named("bytes-1");
	struct claim c;
	struct seen s;
	struct err err;

	(void)state;
	strcpy(who.dir, "/tmp/\xff\xfe\\xff\n\"\xc3\xa9");
	strcpy(who.uri, "test:///\xe9");
	assert_works(registry_claim(&c, &who, false, &err), err);
	s = look();
	assert_int_equal(s.alive, 1);
	assert_string_equal(s.last.dir, who.dir);
	assert_string_equal(s.last.uri, who.uri);
	assert_works(registry_release(&c, &err), err);
}

static void second_run_is_refused_or_kept_apart(void **state)
{
	struct owner one = run_named("one"), two = run_named("two");
	pid_t pid = claim_elsewhere(&one, NULL);
	struct claim c;
	struct err err;
	char text[64];

	(void)state;
	snprintf(text, sizeof(text), "process %d", (int)pid);
	assert_fails(registry_claim(&c, &two, true, &err), err, EXIT_MACHINE, text);
	assert_non_null(strstr(err.text, "/nonexistent"));
	assert_non_null(strstr(err.text, "--alongside"));
	assert_int_equal(look().alive, 1);
	/* The same name would give the same domains, whatever is asked. */
	assert_fails(registry_claim(&c, &one, false, &err), err, EXIT_MACHINE, "already under way");
	assert_works(registry_claim(&c, &two, false, &err), err);
	assert_int_equal(look().alive, 2);
	assert_works(registry_release(&c, &err), err);
	kill_it(pid);
	assert_int_equal(look().dead, 1);
}

static void directory_has_one_user(void **state)
{
	char *dir = test_dir_make();
	struct owner who = run_named("dir");
	pid_t pid = claim_elsewhere(&who, dir);
	struct claim c = CLAIM_NONE;
	struct err err;

	(void)state;
	assert_true(registry_dir_in_use(dir));
	assert_fails(registry_lock_dir(&c, dir, &err), err, EXIT_USAGE, "in use");
	kill_it(pid);
	assert_false(registry_dir_in_use(dir));
	assert_works(registry_lock_dir(&c, dir, &err), err);
	assert_works(registry_release(&c, &err), err);
	test_dir_remove(dir);
}

static void count_line(void *ctx, const char *line)
{
	(void)line;
	(*(int *)ctx)++;
}

static void put_file(const char *dir, const char *name)
{
	char path[RUNDIR_PATH];
	struct err err;

	assert_works(rundir_path(dir, name, path, &err), err);
	assert_works(file_write_whole(path, "x", 1, &err), err);
}

static bool has_file(const char *dir, const char *name)
{
	char path[RUNDIR_PATH];
	struct err err;

	assert_works(rundir_path(dir, name, path, &err), err);
	return access(path, F_OK) == 0;
}

static enum run_state state_of(const char *dir)
{
	struct manifest m = {0};
	struct err err;
	enum run_state s;

	assert_works(manifest_load(dir, &m, &err), err);
	s = m.state;
	manifest_release(&m);
	return s;
}

/* A process with the mark of a work directory. */
static pid_t start_with_mark(const char *work_dir, char *const argv[])
{
	char mark[128], *env[] = {mark, NULL};
	pid_t pid;

	snprintf(mark, sizeof(mark), PROCS_MARK "=%s", work_dir);
	assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL, argv, env), 0);
	return pid;
}

static pid_t start_marked(const char *work_dir)
{
	return start_with_mark(work_dir, (char *[]){"sleep", "30", NULL});
}

/* All that a killed run leaves: found by a dry run, untouched by it, then gone; and only that. */
static void dead_run_is_cleaned(void **state)
{
	char *dir = test_dir_make(), other[] = "/tmp/nestbench-AAAAAA", pictures[RUNDIR_PATH];
	struct manifest m = {.run = "killed-1", .state = RUN_RUNNING};
	struct owner who = run_named("killed-1"), alive = run_named("alive-1");
	struct cleaning dry = {.dry_run = true, .say = count_line}, real = {.say = count_line};
	struct seen s;
	struct err err;
	pid_t pid, living, marked, unmarked;
	int lines = 0, status;

	(void)state;
	dry.say_ctx = real.say_ctx = &lines;
	snprintf(who.dir, sizeof(who.dir), "%s", dir);
	assert_works(manifest_save(dir, &m, &err), err);
	put_file(dir, PLACES_SCRATCH);
	put_file(dir, "manifest.json.new");
	snprintf(pictures, sizeof(pictures), "%s/" PLOTS_DIR, dir);
	assert_int_equal(mkdir(pictures, 0700), 0);
	put_file(pictures, "share.svg.1-0.new");
	put_file(dir, "samples.csv");
	living = claim_elsewhere(&alive, NULL);
	pid = claim_elsewhere(&who, dir);
	kill_it(pid);
	s = look_for("killed-1");
	assert_string_equal(s.last.run, "killed-1");
	marked = start_marked(s.last.work_dir);
	unmarked = start_marked(other);

	assert_works(leftovers_clean(&dry, &err), err);
	assert_int_equal(state_of(dir), RUN_RUNNING);
	assert_true(has_file(dir, PLACES_SCRATCH));
	assert_int_equal(waitpid(marked, &status, WNOHANG), 0);

	assert_works(leftovers_clean(&real, &err), err);
	assert_int_equal(real.found, dry.found);
	assert_int_equal(real.troubles, 0);
	assert_true(real.found >= 6); /* itself, process, three files, manifest */
	assert_true(lines > 0);
	assert_int_equal(state_of(dir), RUN_INTERRUPTED);
	assert_false(has_file(dir, PLACES_SCRATCH));
	assert_false(has_file(dir, "manifest.json.new"));
	assert_false(has_file(pictures, "share.svg.1-0.new"));
	assert_true(has_file(dir, "samples.csv"));
	assert_int_equal(waitpid(marked, &status, 0), marked);
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(waitpid(unmarked, &status, WNOHANG), 0);
	s = look();
	assert_int_equal(s.alive, 1);
	assert_int_equal(s.dead, 0);
	assert_string_equal(s.last.run, "alive-1");
	kill_it(unmarked);
	kill_it(living);
	assert_works(leftovers_clean(&real, &err), err);
	test_dir_remove(dir);
}

static void make_place(const char *name, const char *owner, char path[128])
{
	snprintf(path, 128, "%s/%s", base, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (owner) {
		struct err err;
		char file[1200];

		snprintf(file, sizeof(file), "%s/owner.json", path);
		assert_works(file_write_whole(file, owner, strlen(owner), &err), err);
	}
}

/* What is not certainly ours stays: garbage, links, young directories, other names. */
static void nothing_else_is_touched(void **state)
{
	static const char *const owners[] = {
		"",
		"{",
		"[]",
		"{\"pid\": 1}",
		"{\"what\":\"run\",\"run\":\"x\",\"dir\":\"relative\",\"uri\":\"\",\"since\":\"\","
		"\"pid\":99999999,\"start_ticks\":1}",
		"{\"what\":\"run\",\"run\":\"x\",\"dir\":\"/x\",\"uri\":\"\",\"since\":\"\","
		"\"pid\":-1,\"start_ticks\":1}"};
	enum { OWNERS = sizeof(owners) / sizeof(owners[0]) };
	char path[OWNERS + 2][128], link[128];
	struct cleaning c = {.say = count_line};
	struct err err;
	int lines = 0;

	(void)state;
	c.say_ctx = &lines;
	for (int i = 0; i < OWNERS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "nestbench-bad%d", i);
		make_place(name, owners[i], path[i]);
	}
	make_place("nestbench-young", NULL, path[OWNERS]);
	make_place("other-thing", NULL, path[OWNERS + 1]);
	snprintf(link, sizeof(link), "%s/nestbench-link", base);
	assert_int_equal(symlink(path[OWNERS + 1], link), 0);
	assert_works(leftovers_clean(&c, &err), err);
	assert_int_equal(lines, 0);
	assert_int_equal(look().alive + look().dead, 0);
	for (int i = 0; i < OWNERS + 2; i++)
		assert_int_equal(access(path[i], F_OK), 0);
	assert_int_equal(access(link, F_OK), 0);
}

/* Of a maker that died before it could say who it was. */
static void old_empty_place_goes(void **state)
{
	const struct timespec old[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	char path[128], full[128], file[160];
	struct err err;

	(void)state;
	make_place("nestbench-old", NULL, path);
	make_place("nestbench-full", NULL, full);
	snprintf(file, sizeof(file), "%s/agent.log", full);
	assert_works(file_write_whole(file, "x", 1, &err), err);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, full, old, 0), 0);
	look();
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(full, F_OK), 0);
}

static void named_run_is_cleaned_unless_in_use(void **state)
{
	char *dir = test_dir_make();
	struct manifest m = {.run = "rebooted-1", .state = RUN_RUNNING};
	struct owner who = run_named("rebooted-1");
	struct cleaning c = {.say = count_line};
	struct err err;
	int lines = 0;
	pid_t pid;

	(void)state;
	c.say_ctx = &lines;
	assert_fails(leftovers_clean_dir(&c, dir, &err), err, EXIT_USAGE, "manifest.json");
	assert_works(manifest_save(dir, &m, &err), err);
	pid = claim_elsewhere(&who, dir);
	assert_fails(leftovers_clean_dir(&c, dir, &err), err, EXIT_USAGE, "in use");
	assert_int_equal(state_of(dir), RUN_RUNNING);
	kill_it(pid);
	assert_works(leftovers_clean_dir(&c, dir, &err), err);
	assert_int_equal(state_of(dir), RUN_INTERRUPTED);
	assert_works(leftovers_clean(&c, &err), err);
	test_dir_remove(dir);
}

static void start_time_names_a_process(void **state)
{
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		for (;;)
			pause();
	}
	assert_true(procs_start_ticks(pid) >= procs_start_ticks(getpid()));
	assert_true(procs_start_ticks(getpid()) > 0);
	kill(pid, SIGKILL);
	while (procs_start_ticks(pid)) /* a zombie is no process any more */
		usleep(1000);
	waitpid(pid, NULL, 0);
	assert_int_equal(procs_start_ticks(pid), 0);
}

/* While a program begins, its process has no environment to read; this one begins all the time. */
static void starting_process_is_found(void **state)
{
	char place[] = "/tmp/nestbench-AAAAAB";
	pid_t pid = start_with_mark(place, (char *[]){"/proc/self/exe", BEGINS, NULL});

	(void)state;
	for (int i = 0; i < 300; i++)
		assert_int_equal(procs_end(place, true, NULL), 1);
	assert_int_equal(procs_end(place, false, NULL), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(procs_end(place, true, NULL), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claim_is_seen_while_it_lives),
		cmocka_unit_test(claim_in_any_directory),
		cmocka_unit_test(second_run_is_refused_or_kept_apart),
		cmocka_unit_test(directory_has_one_user),
		cmocka_unit_test(dead_run_is_cleaned),
		cmocka_unit_test(nothing_else_is_touched),
		cmocka_unit_test(old_empty_place_goes),
		cmocka_unit_test(named_run_is_cleaned_unless_in_use),
		cmocka_unit_test(start_time_names_a_process),
		cmocka_unit_test(starting_process_is_found),
	};

	if (argc == 2 && strcmp(argv[1], BEGINS) == 0)
		return prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || execv("/proc/self/exe", argv);
	return cmocka_run_group_tests(tests, make_base, remove_base);
}
