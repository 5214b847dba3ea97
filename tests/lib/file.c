/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"

static void path_in(char path[300], const char *dir, const char *name)
{
	snprintf(path, 300, "%s/%s", dir, name);
}

static void test_write_and_read(void **state)
{
	char *dir = test_dir_make(), path[300], line[8];
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	path_in(path, dir, "a");
	assert_works(file_write_whole(path, "one\ntwo\n", 8, &err), err);
	assert_works(file_write_whole(path, "first line\nrest\n", 16, &err), err);
	assert_works(file_read(path, 16, &text, &err), err);
	assert_string_equal(buf_str(&text), "first line\nrest\n");
	assert_true(file_line(line, sizeof(line), "%s", path));
	assert_string_equal(line, "first l");
	assert_fails(file_read(path, 15, &text, &err), err, EXIT_USAGE, "larger than the 15 bytes");
	path_in(path, dir, "a.new"); /* nothing left beside it */
	assert_int_equal(access(path, F_OK), -1);
	buf_release(&text);
	test_dir_remove(dir);
}

static void test_missing(void **state)
{
	char *dir = test_dir_make(), path[300], hex[SHA256_HEX], line[8] = "x";
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	path_in(path, dir, "no/such");
	assert_fails(file_read(path, 10, &text, &err), err, EXIT_USAGE, "No such file");
	assert_fails(file_write_whole(path, "", 0, &err), err, EXIT_USAGE, "No such file");
	assert_fails(file_sha256(path, hex, &err), err, EXIT_INTERNAL, "No such file");
	assert_false(file_line(line, sizeof(line), "%s", path));
	assert_string_equal(line, "");
	assert_works(file_remove_tree(path, &err), err);
	test_dir_remove(dir);
}

/* What stands for a number, a text, a directory, and what does not. */
static void test_entries(void **state)
{
	char *dir = test_dir_make(), path[300];
	struct buf text = BUF_INIT;
	uint64_t number = 3;
	struct err err;
	int names = 0;
	DIR *d;

	(void)state;
	path_in(path, dir, "b");
	assert_works(file_write_whole(path, "x\n", 2, &err), err);
	assert_false(file_number(&number, "%s/b", dir));
	assert_false(file_number(&number, "%s/no", dir));
	assert_int_equal(number, 3);
	assert_true(file_put("42\n", "%s/b", dir));
	assert_true(file_number(&number, "%s/b", dir));
	assert_int_equal(number, 42);
	assert_false(file_put("42\n", "%s/no", dir));
	assert_false(file_exists("%s/no", dir));
	assert_true(file_exists("%s/b", dir));
	assert_true(file_text(&text, "%s/b", dir));
	assert_string_equal(buf_str(&text), "42\n");
	assert_false(file_text(&text, "%s/no", dir));
	assert_string_equal(buf_str(&text), "");
	assert_false(file_text(&text, "/dev/zero"));
	assert_string_equal(buf_str(&text), "");
	path_in(path, dir, ".hidden");
	assert_works(file_write_whole(path, "", 0, &err), err);
	d = file_dir("%s", dir);
	for (const char *name; (name = file_dir_next(d)); names++)
		assert_string_equal(name, "b");
	file_dir_close(d);
	assert_int_equal(names, 1);
	assert_null(file_dir("%s/b", dir));
	assert_null(file_dir_next(NULL));
	file_dir_close(NULL);
	buf_release(&text);
	test_dir_remove(dir);
}

/* A source without an end is refused, not read until memory is full. */
static void test_endless(void **state)
{
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	assert_fails(file_read("/dev/zero", 1000, &text, &err), err, EXIT_USAGE, "larger than");
	assert_true(text.len < 100000);
	buf_release(&text);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

/* Whatever was there before, and whatever the umask is. */
static void test_private(void **state)
{
	char *dir = test_dir_make(), path[300], aside[310];
	mode_t mask = umask(0);
	struct buf text = BUF_INIT;
	struct err err;

	(void)state;
	path_in(path, dir, "secret");
	snprintf(aside, sizeof(aside), "%s.new", path);
	assert_works(file_write_whole(path, "a", 1, &err), err);
	assert_int_equal(mode_of(path), 0644);
	assert_works(file_write_private(path, "b", 1, &err), err);
	assert_int_equal(mode_of(path), 0600);
	/* One that was not finished, from when it was not private. */
	assert_int_equal(close(open(aside, O_CREAT | O_WRONLY, 0666)), 0);
	assert_int_equal(mode_of(aside), 0666);
	assert_works(file_write_private(path, "d", 1, &err), err);
	assert_int_equal(mode_of(path), 0600);
	assert_works(file_read(path, 10, &text, &err), err);
	assert_string_equal(buf_str(&text), "d");
	buf_release(&text);
	umask(mask);
	test_dir_remove(dir);
}

static void test_sha256(void **state)
{
	char *dir = test_dir_make(), path[300], hex[SHA256_HEX];
	struct err err;

	(void)state;
	path_in(path, dir, "abc");
	assert_works(file_write_whole(path, "abc", 3, &err), err);
	assert_works(file_sha256(path, hex, &err), err);
	assert_string_equal(hex,
			    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	test_dir_remove(dir);
}

static void test_dirs(void **state)
{
	char *dir = test_dir_make(), path[300], outside[300], link[300];
	struct err err;

	(void)state;
	path_in(path, dir, "a/b//c");
	assert_works(file_make_dirs(path, &err), err);
	assert_works(file_make_dirs(path, &err), err);
	path_in(outside, dir, "kept");
	assert_works(file_write_whole(outside, "x", 1, &err), err);
	assert_fails(file_make_dirs(outside, &err), err, EXIT_USAGE, "cannot make the directory");
	assert_fails(file_make_dirs("", &err), err, EXIT_USAGE, "cannot be the name");
	/* A link in a tree that is removed does not lead out of it. */
	path_in(link, dir, "a/b/link");
	assert_int_equal(symlink(outside, link), 0);
	path_in(path, dir, "a");
	assert_works(file_remove_tree(path, &err), err);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(outside, F_OK), 0);
	test_dir_remove(dir);
}

/* Makes files in its own directory, as a tool does whose caller was killed, for half a second or
 * until the directory is gone. */
static pid_t start_writer(const char *dir)
{
	pid_t pid = fork();

	if (pid == 0) {
		uint64_t end = clock_now(&clock_machine) + NS_PER_S / 2;
		char name[32];

		for (int i = 0; chdir(dir) == 0 && clock_now(&clock_machine) < end; i++) {
			int fd;

			snprintf(name, sizeof(name), "%d", i);
			fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
			if (fd < 0)
				break;
			close(fd);
		}
		_exit(0);
	}
	assert_true(pid > 0);
	return pid;
}

static void test_another_writer(void **state)
{
	char *dir = test_dir_make(), path[300];
	struct err err;

	(void)state;
	path_in(path, dir, "work/deep");
	for (int i = 0; i < 5; i++) {
		pid_t pid;

		assert_works(file_make_dirs(path, &err), err);
		pid = start_writer(path);
		usleep(20000);
		path_in(path, dir, "work");
		assert_works(file_remove_tree(path, &err), err);
		assert_int_equal(access(path, F_OK), -1);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		path_in(path, dir, "work/deep");
	}
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write_and_read), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_entries),	       cmocka_unit_test(test_endless),
		cmocka_unit_test(test_sha256),	       cmocka_unit_test(test_dirs),
		cmocka_unit_test(test_private),	       cmocka_unit_test(test_another_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
