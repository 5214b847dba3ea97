/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directories of a run: made, refused, kept and removed, and who may look into them. */
#include "tests/bench/registry_world.h"

#include <net/if.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/agent/guest_devices.h"
#include "bench/run/run_dirs.h"
#include "drivers/host/hostdev.h"

static struct places_wanted want_in(const char *dir)
{
	return (struct places_wanted){.out = dir, .alongside = true};
}

/* What the user made stays, and so does what another run has just made. */
static void only_its_own_empty_directory_goes(void **state)
{
	char *above = test_dir_make(), fresh[256];
	const struct places_wanted in_fresh = want_in(fresh), in_old = want_in(above);
	struct places first, second;
	struct err err;

	(void)state;
	snprintf(fresh, sizeof(fresh), "%s/run", above);
	assert_works(places_open(&first, "places-1", &in_fresh, &err), err);
	assert_fails(places_open(&second, "places-2", &in_fresh, &err), err, EXIT_USAGE, "in use");
	assert_int_equal(access(fresh, F_OK), 0);
	assert_works(places_close(&first, &err), err);
	assert_int_equal(access(fresh, F_OK), -1);
	assert_works(places_open(&first, "places-1", &in_old, &err), err);
	assert_works(places_close(&first, &err), err);
	assert_int_equal(access(above, F_OK), 0);
	test_dir_remove(above);
}

/* A device that could not be given back is noted for who cleans. */
static void place_stays_where_something_is_owed(void **state)
{
	static const char note[] = "ffff:ff:1f.7 e1000e -\n";
	char *dir = test_dir_make(), path[256];
	const struct places_wanted want = want_in(dir);
	struct places p;
	struct seen s;
	struct err err;

	(void)state;
	assert_works(places_open(&p, "owing-1", &want, &err), err);
	snprintf(path, sizeof(path), "%s/" HOSTDEV_NOTE, p.claim.work_dir);
	assert_works(file_write_whole(path, note, strlen(note), &err), err);
	assert_fails(places_close(&p, &err), err, EXIT_MACHINE, "nestbench clean");
	assert_non_null(strstr(err.text, "ffff:ff:1f.7"));
	s = look_for("owing-1");
	assert_string_equal(s.last.run, "owing-1");
	assert_int_equal(access(path, F_OK), 0);
	assert_works(file_remove_tree(s.last.work_dir, &err), err);
	test_dir_remove(dir);
}

/* The agent and its reaper were killed, and the run ends by itself. */
static void tap_of_a_dead_agent_goes(void **state)
{
	const struct device_request devices = {.net = NET_TAP};
	struct layer_spec config = {.depth = 1};
	struct assignment assignment = ASSIGNMENT_NONE;
	struct places_wanted want;
	char tap[NET_TAP_NAME] = "", *dir;
	struct places p;
	int name[2], status;
	struct err err;
	pid_t pid;

	(void)state;
	if (net_tap_check(&err) < 0)
		skip();
	dir = test_dir_make();
	want = want_in(dir);
	assert_works(places_open(&p, "tap-1", &want, &err), err);
	assert_int_equal(pipe(name), 0);
	pid = fork();
	if (pid == 0)
		_exit(assignment_make(&assignment, &devices, &config, false, &err) < 0 ||
		      write(name[1], config.net->tap, NET_TAP_NAME) != NET_TAP_NAME);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(read(name[0], tap, NET_TAP_NAME), NET_TAP_NAME);
	assert_true(if_nametoindex(tap) > 0);
	assert_works(places_close(&p, &err), err);
	assert_int_equal(if_nametoindex(tap), 0);
	close(name[0]);
	close(name[1]);
	test_dir_remove(dir);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Many in one second, as of machines that bear the same name. */
static void no_two_runs_share_an_id(void **state)
{
	enum { RUNS = 200 };
	char id[RUNS][MANIFEST_NAME], host[MANIFEST_NAME];

	(void)state;
	for (int i = 0; i < RUNS; i++) {
		places_name_run(id[i], host);
		assert_true(strlen(id[i]) <= 40);
	}
	qsort(id, RUNS, sizeof(id[0]), compare_ids);
	for (int i = 1; i < RUNS; i++)
		assert_string_not_equal(id[i - 1], id[i]);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Opens the run directory to the QEMU of a system's libvirt, where that has to be. */
static void run_in(const char *dir, const char *connect, mode_t before, mode_t meanwhile)
{
	const struct places_wanted want = {.out = dir, .connect = connect, .alongside = true};
	struct places p = PLACES_NONE;
	struct err err;

	assert_works(places_open(&p, "run", &want, &err), err);
	assert_int_equal(mode_of(dir), before);
	assert_works(places_add_scratch(&p, 1 << 20, connect, &err), err);
	assert_int_equal(mode_of(dir), meanwhile);
	p.made = false;
	assert_works(places_close(&p, &err), err);
	assert_int_equal(mode_of(dir), before);
}

static void only_the_user_may_look(void **state)
{
	char *top = test_dir_make(), dir[300];
	mode_t mask = umask(022);

	(void)state;
	snprintf(dir, sizeof(dir), "%s/new", top);
	run_in(dir, NULL, 0700, 0700);
	run_in(dir, "qemu:///system", 0700, 0711);
	/* One that was there keeps what its owner gave it. */
	snprintf(dir, sizeof(dir), "%s/old", top);
	assert_int_equal(mkdir(dir, 0755), 0);
	run_in(dir, NULL, 0755, 0755);
	run_in(dir, "qemu:///system", 0755, 0711);
	umask(mask);
	test_dir_remove(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_two_runs_share_an_id),
		cmocka_unit_test(only_its_own_empty_directory_goes),
		cmocka_unit_test(place_stays_where_something_is_owed),
		cmocka_unit_test(tap_of_a_dead_agent_goes),
		cmocka_unit_test(only_the_user_may_look),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
