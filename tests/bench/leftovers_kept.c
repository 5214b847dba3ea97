/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cannot be cleaned up at once, and who else is about meanwhile. */
#include "tests/bench/registry_world.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/run/leftovers.h"
#include "drivers/host/hostdev.h"
#include "lib/clock.h"

/* No machine has it, so that it cannot be given back. */
#define DEVICE "ffff:ff:1f.7"

static void keep_line(void *ctx, const char *line)
{
	buf_addf(ctx, "%s\n", line);
}

/* One more cleaning, as the next command does it: its troubles, and what it said. */
static int clean(struct buf *said)
{
	struct cleaning c = {.say = keep_line, .say_ctx = said, .service_limit_ns = NS_PER_S};
	struct err err;

	buf_release(said);
	*said = (struct buf)BUF_INIT;
	assert_works(leftovers_clean(&c, &err), err);
	return c.troubles;
}

static void put_note(const char *run, const char *text)
{
	struct seen s = look_for(run);
	char path[256];
	struct err err;

	snprintf(path, sizeof(path), "%s/" HOSTDEV_NOTE, s.last.work_dir);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void leave_dead(const struct owner *who)
{
	kill_it(claim_elsewhere(who, NULL));
}

/* What it assigned is noted, and stays noted until all is given back. */
static void lent_devices_are_given_back(void **state)
{
	struct cleaning dry = {.dry_run = true, .say = ignore_line};
	struct owner who = run_named("dead-1");
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	leave_dead(&who);
	put_note("dead-1", DEVICE " e1000e -\n");
	assert_works(leftovers_clean(&dry, &err), err);
	assert_int_equal(dry.found, 2); /* the dead, its device */
	assert_int_equal(dry.troubles, 0);
	for (int again = 0; again < 2; again++) {
		assert_int_equal(clean(&said), 1);
		assert_non_null(strstr(buf_str(&said), DEVICE));
		assert_non_null(strstr(buf_str(&said), "tried again"));
		assert_int_equal(look().dead, 1);
	}
	put_note("dead-1", "");
	assert_int_equal(clean(&said), 0);
	assert_int_equal(look().dead, 0);
	buf_release(&said);
}

/* The device has been assigned again meanwhile, by a run that is not to lose it. */
static void devices_of_the_living_are_left_alone(void **state)
{
	struct owner dead = run_named("dead-2"), other = run_named("dead-3");
	struct buf said = BUF_INIT;
	pid_t pid;

	(void)state;
	leave_dead(&dead);
	pid = claim_elsewhere(&other, NULL);
	put_note("dead-2", DEVICE " e1000e -\n");
	put_note("dead-3", DEVICE " - -\n");
	assert_int_equal(clean(&said), 1);
	assert_non_null(strstr(buf_str(&said), "which still runs"));
	assert_int_equal(look().dead, 1);
	kill_it(pid);
	put_note("dead-2", "");
	put_note("dead-3", "");
	assert_int_equal(clean(&said), 0);
	buf_release(&said);
}

/* Both have the same domains and the same directory. */
static void place_of_a_resumed_run_waits(void **state)
{
	struct owner who = run_named("resumed-1");
	struct buf said = BUF_INIT;
	pid_t pid;

	(void)state;
	leave_dead(&who);
	pid = claim_elsewhere(&who, NULL);
	assert_int_equal(clean(&said), 0);
	assert_string_equal(buf_str(&said), "");
	assert_int_equal(look().dead, 1);
	kill_it(pid);
	assert_int_equal(clean(&said), 0);
	assert_int_equal(look().dead, 0);
	buf_release(&said);
}

/* A libvirt that takes the connection and never says a word. */
static void silent_libvirt_is_given_up(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct owner who = run_named("silent-1"), other = run_named("silent-2");
	struct buf said = BUF_INIT;
	struct err err;

	(void)state;
	/* AddressSanitizer looks for the XDR functions of libtirpc, which libvirt loads later. */
	if (TEST_SANITIZED)
		skip();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/silent.sock", base);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	snprintf(who.uri, sizeof(who.uri), "qemu+unix:///system?socket=%s", address.sun_path);
	leave_dead(&who);
	leave_dead(&other);
	assert_int_equal(clean(&said), 1);
	assert_non_null(strstr(buf_str(&said), "did not end within 1 s"));
	assert_non_null(strstr(buf_str(&said), who.uri));
	/* The other was cleaned all the same. */
	assert_int_equal(look().dead, 1);
	assert_string_equal(look().last.run, "silent-1");
	close(fd);
	assert_int_equal(clean(&said), 1);
	assert_non_null(strstr(buf_str(&said), who.uri));
	assert_works(file_remove_tree(look().last.work_dir, &err), err);
	unlink(address.sun_path);
	buf_release(&said);
}

/* ---- while somebody cleans ---- */

struct meanwhile {
	const char *dir;
	int runs, locked;
};

/* At any moment of it: another run may start, and the run directory is not to be had. */
static void look_around(void *ctx, const char *line)
{
	struct owner who = run_named("meanwhile-2");
	struct meanwhile *m = ctx;
	struct claim c;
	struct err err;

	(void)line;
	assert_works(registry_claim(&c, &who, true, &err), err);
	assert_works(registry_release(&c, &err), err);
	m->runs++;
	m->locked += registry_dir_in_use(m->dir);
}

static void cleaner_is_no_owner_but_has_the_directory(void **state)
{
	struct manifest m = {.run = "meanwhile-1", .state = RUN_RUNNING};
	struct meanwhile seen = {.dir = test_dir_make()};
	struct cleaning c = {.say = look_around, .say_ctx = &seen};
	struct owner who = run_named("meanwhile-1");
	struct err err;

	(void)state;
	snprintf(who.dir, sizeof(who.dir), "%s", seen.dir);
	assert_works(manifest_save(seen.dir, &m, &err), err);
	leave_dead(&who);
	assert_works(leftovers_clean(&c, &err), err);
	assert_int_equal(seen.runs, 3); /* the dead, its manifest, its place */
	assert_int_equal(seen.locked, 1);
	assert_works(manifest_save(seen.dir, &m, &err), err);
	assert_works(leftovers_clean_dir(&c, seen.dir, &err), err);
	assert_int_equal(seen.runs, 4);
	assert_int_equal(seen.locked, 2);
	assert_false(registry_dir_in_use(seen.dir));
	test_dir_remove((char *)seen.dir);
}

static void one_cleans_at_a_time(void **state)
{
	struct owner who = run_named("once-1");
	struct owner dead;
	struct err err;
	int fd, other;

	(void)state;
	leave_dead(&who);
	dead = look_for("once-1").last;
	assert_works(registry_take_over(&dead, 0, &fd, &err), err);
	assert_true(fd >= 0);
	assert_fails(registry_take_over(&dead, 0, &other, &err), err, EXIT_MACHINE, "cleaning");
	assert_works(file_remove_tree(dead.work_dir, &err), err);
	close(fd);
	assert_works(registry_take_over(&dead, 0, &other, &err), err);
	assert_int_equal(other, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lent_devices_are_given_back),
		cmocka_unit_test(devices_of_the_living_are_left_alone),
		cmocka_unit_test(place_of_a_resumed_run_waits),
		cmocka_unit_test(silent_libvirt_is_given_up),
		cmocka_unit_test(cleaner_is_no_owner_but_has_the_directory),
		cmocka_unit_test(one_cleans_at_a_time),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
