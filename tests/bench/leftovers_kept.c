/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cannot be cleaned up at once, and who else is about meanwhile. */
#include "tests/bench/registry_world.h"

#include <unistd.h>

#include "bench/leftovers.h"

static void leave_dead(const struct owner *who)
{
	kill_it(claim_elsewhere(who, NULL));
}

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
		cmocka_unit_test(cleaner_is_no_owner_but_has_the_directory),
		cmocka_unit_test(one_cleans_at_a_time),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
