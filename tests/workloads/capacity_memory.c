/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, with broken memory and with cgroups of the test. */
#include <sys/mman.h>

static void *give_memory(void *at, size_t len, int protection, int flags, int fd, off_t offset);
#define mmap give_memory
#include "workloads/capacity/memory.c"
#undef mmap

#include "tests/check.h"

#include <stdlib.h>
#include <sys/stat.h>

enum { MIB = 1 << 20 };

static char *dir;
static bool forgetful;

/* Broken memory: the second page is an alias of the first. */
static void *give_memory(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
	char *region = mmap(at, len, protection, flags, fd, offset);
	int page;

	if (!forgetful)
		return region;
	page = memfd_create("page", MFD_CLOEXEC);
	assert_int_equal(ftruncate(page, PAGE), 0);
	for (int i = 0; i < 2; i++)
		assert_ptr_not_equal(
			mmap(region + i * PAGE, PAGE, protection, MAP_SHARED | MAP_FIXED, page, 0),
			MAP_FAILED);
	close(page);
	return region;
}

static void put(const char *name, const char *text)
{
	char path[400];
	struct err err;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

/* In a cgroup two levels deep, without a limit as yet. */
static int make(void **state)
{
	static char own[400];
	char path[400];

	(void)state;
	dir = test_dir_make();
	snprintf(path, sizeof(path), "%s/outer", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/outer/inner", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	put("own", "0::/outer/inner\n");
	put("outer/inner/memory.max", "max\n");
	snprintf(own, sizeof(own), "%s/own", dir);
	own_cgroup = own;
	cgroup_root = dir;
	return 0;
}

static int clean(void **state)
{
	(void)state;
	test_dir_remove(dir);
	return 0;
}

static void test_forgotten(void **state)
{
	const struct workload_env env = {.touch_limit = MIB};
	struct state s = {0};
	struct err err;

	(void)state;
	assert_works(setup(&s, &env, NULL, &err), err);
	assert_works(run(&s, 1, &err), err);
	forgetful = true;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE,
		     "1 of 256 words in memory read back wrong");
	forgetful = false;
	assert_string_equal(note(&s), "MemAvailable; 1MiB of it touched");
	teardown(&s);
}

/* The limit of the outer cgroup holds for the inner one; its page cache is not lost. */
static void test_cgroup(void **state)
{
	const struct workload_env env = {.touch_limit = MIB};
	struct state s = {0};
	struct memory m;
	struct err err;

	(void)state;
	put("outer/memory.max", "41943040\n");
	put("outer/memory.current", "39845888\n");
	put("outer/memory.stat",
	    "anon 1000\nfile 37748736\ninactive_file 20971520\nactive_file 10485760\n"
	    "slab_reclaimable 2097152\nworkingset_refault_file 7\n");
	m = look();
	assert_int_equal(m.total, 40 * MIB);
	assert_int_equal(m.available, (40 - 38 + 20 + 10 + 2) * MIB);
	assert_true(m.in_cgroup);
	assert_works(setup(&s, &env, NULL, &err), err);
	/* 4 % of 40 MiB are less than the least. */
	assert_int_equal(s.floor, FLOOR);
	assert_works(run(&s, 1, &err), err);
	assert_int_equal(s.found, m.available - FLOOR);
	assert_string_equal(note(&s), "allowed by the cgroup; 1MiB of it touched");
	teardown(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_cgroup),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
