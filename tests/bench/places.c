/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directories of a run: made, refused, kept and removed. */
#include "tests/bench/registry_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/places.h"
#include "drivers/hostdev.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_its_own_empty_directory_goes),
		cmocka_unit_test(place_stays_where_something_is_owed),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
