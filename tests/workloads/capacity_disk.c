/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel is included, on a disk that refuses, loses or cannot read a part of what it shows. */
#include <unistd.h>

static ssize_t disk_read(int fd, void *to, size_t len, off_t at);
static ssize_t disk_write(int fd, const void *from, size_t len, off_t at);
#define pread disk_read
#define pwrite disk_write
#include "workloads/capacity/disk.c"
#undef pread
#undef pwrite

#include "tests/check.h"

#include <errno.h>

enum { MIB = 1 << 20, SIZE = 4 * MIB + MIB / 2 };

static char *dir, *path;
/* From here on writes are refused, or lost, or cannot be read; no bytes are so by default. */
static off_t full_at, lost_at, broken_at;

static ssize_t disk_read(int fd, void *to, size_t len, off_t at)
{
	if (at + (off_t)len <= broken_at)
		return pread(fd, to, len, at);
	errno = EIO;
	return -1;
}

static ssize_t disk_write(int fd, const void *from, size_t len, off_t at)
{
	if (at + (off_t)len > full_at) {
		errno = ENOSPC;
		return -1;
	}
	return at < lost_at ? pwrite(fd, from, len, at) : (ssize_t)len;
}

static int make(void **state)
{
	struct err err;

	(void)state;
	dir = test_dir_make();
	assert_true(asprintf(&path, "%s/scratch", dir) > 0);
	assert_works(scratch_fill(path, SIZE, &err), err);
	return 0;
}

static int clean(void **state)
{
	(void)state;
	free(path);
	test_dir_remove(dir);
	return 0;
}

/* Another disk: nothing is on it yet, and nothing is wrong with it. */
static void start(struct state *s, uint64_t limit)
{
	const struct workload_env env = {.scratch = path, .touch_limit = limit};
	struct err err = {0};

	full_at = lost_at = broken_at = SIZE;
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(truncate(path, SIZE), 0);
	memset(s, 0, sizeof(*s));
	if (probe(&env, NULL, &err) < 0) {
		print_message("%s\n", err.text);
		skip();
	}
	assert_works(setup(s, &env, NULL, &err), err);
}

static void test_whole(void **state)
{
	struct state s;
	struct err err;

	(void)state;
	start(&s, 0);
	assert_works(run(&s, 2, &err), err);
	assert_int_equal(s.found, SIZE);
	assert_string_equal(note(&s), "written");
	teardown(&s);
	start(&s, 2 * MIB);
	assert_works(run(&s, 1, &err), err);
	assert_int_equal(s.found, SIZE);
	assert_string_equal(note(&s), "2MiB of it written");
	teardown(&s);
}

/* What was refused does not count, not even the last and smaller piece. */
static void test_full(void **state)
{
	struct state s;
	struct err err;

	(void)state;
	start(&s, 0);
	full_at = SIZE - 1;
	assert_works(run(&s, 1, &err), err);
	assert_int_equal(s.found, 4 * MIB);
	full_at = 2 * MIB + 5;
	assert_works(run(&s, 1, &err), err);
	assert_int_equal(s.found, 2 * MIB);
	full_at = 0;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE, "nothing can be written");
	teardown(&s);
}

static void test_lost(void **state)
{
	struct state s;
	struct err err;

	(void)state;
	start(&s, 0);
	lost_at = 4 * MIB;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE,
		     "512 of 2560 words of the scratch read back wrong");
	teardown(&s);
	start(&s, 0);
	broken_at = 3 * MIB;
	assert_fails(run(&s, 1, &err), err, EXIT_MACHINE,
		     "1024 of 2560 words of the scratch read back wrong");
	teardown(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
