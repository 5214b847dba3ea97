/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The directories of a run: made, refused, kept and removed. */
#include "tests/bench/registry_world.h"

#include <sys/stat.h>
#include <unistd.h>

#include "bench/places.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_its_own_empty_directory_goes),
	};

	return cmocka_run_group_tests(tests, make_base, remove_base);
}
