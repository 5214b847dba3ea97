/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who may look into the places of a run, and until when. */
#include "tests/check.h"

#include <sys/stat.h>

#include "bench/places.h"

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

static void test_who_may_look(void **state)
{
	char *top = test_dir_make(), dir[300];
	mode_t mask = umask(022);

	(void)state;
	assert_int_equal(setenv("NESTBENCH_TMP", top, 1), 0);
	assert_int_equal(setenv("XDG_RUNTIME_DIR", top, 1), 0);
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_who_may_look)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
