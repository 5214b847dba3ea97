/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing whole files, wherever they are to go. */
#include "tests/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/streams.h"

enum { PATH_SIZE = 400, ANYBODY = 65534 };

static void path_in(char path[PATH_SIZE], const char *dir, const char *name)
{
	assert_true(snprintf(path, PATH_SIZE, "%s/%s", dir, name) < PATH_SIZE);
}

static void write_text(const char *path, const char *text)
{
	struct err err;

	assert_works(file_write_whole(path, text, strlen(text), &err), err);
}

static void assert_content(const char *path, const char *text)
{
	struct buf got = BUF_INIT;
	struct err err;

	assert_works(file_read(path, 1000, &got, &err), err);
	assert_string_equal(buf_str(&got), text);
	buf_release(&got);
}

static void assert_fails_to_write(const char *path, enum exit_code code, const char *why)
{
	struct err err;

	assert_fails(file_write_whole(path, "new", 3, &err), err, code, why);
	assert_non_null(strstr(err.text, path));
}

/* How many names the directory holds. */
static int count_names(const char *dir)
{
	DIR *d = opendir(dir);
	int n = -2; /* . and .. */

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static struct stat look(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static void test_mode_and_owner(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE];
	mode_t mask = umask(027);

	(void)state;
	path_in(path, dir, "file");
	write_text(path, "old");
	assert_int_equal(look(path).st_mode & 07777, 0640);
	assert_int_equal(chmod(path, 0606), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(path, 1, 2), 0);
	write_text(path, "new");
	assert_int_equal(look(path).st_mode & 07777, 0606);
	assert_int_equal(look(path).st_uid, geteuid() == 0 ? 1 : geteuid());
	assert_int_equal(look(path).st_gid, geteuid() == 0 ? 2 : getegid());
	assert_content(path, "new");
	assert_int_equal(count_names(dir), 1);
	umask(mask);
	test_dir_remove(dir);
}

/* A file of another user, writable to all: it keeps its owner. */
static void test_not_ours(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE];
	struct err err;
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	path_in(path, dir, "file");
	write_text(path, "old, and longer");
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(chmod(dir, 0777), 0);
	pid = fork();
	if (pid == 0)
		_exit(chdir(dir) < 0 || setuid(ANYBODY) < 0 ||
		      file_write_whole("file", "new", 3, &err) < 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(look(path).st_uid, 0);
	assert_content(path, "new");
	assert_int_equal(count_names(dir), 1);
	test_dir_remove(dir);
}

static void test_links(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE], link[PATH_SIZE], chain[PATH_SIZE];

	(void)state;
	path_in(path, dir, "file");
	path_in(link, dir, "link");
	path_in(chain, dir, "chain");
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(symlink(link, chain), 0);
	write_text(chain, "where there was none");
	assert_content(path, "where there was none");
	write_text(link, "again");
	assert_content(path, "again");
	assert_true(S_ISLNK(look(link).st_mode) && S_ISLNK(look(chain).st_mode));
	assert_true(S_ISREG(look(path).st_mode));
	assert_int_equal(count_names(dir), 3);
	unlink(link);
	assert_int_equal(symlink("chain", link), 0);
	assert_fails_to_write(chain, EXIT_USAGE, "Too many levels of symbolic links");
	unlink(link);
	assert_int_equal(symlink(dir, link), 0);
	assert_fails_to_write(link, EXIT_USAGE, "Is a directory");
	test_dir_remove(dir);
}

static void test_bad_places(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE], name[256];

	(void)state;
	assert_fails_to_write(dir, EXIT_USAGE, "Is a directory");
	path_in(path, dir, "none/");
	assert_fails_to_write(path, EXIT_USAGE, "cannot write");
	assert_fails_to_write("", EXIT_USAGE, "cannot write");
	memset(name, 'n', 255);
	name[255] = '\0';
	path_in(path, dir, name);
	write_text(path, "as long as a name can be");
	assert_int_equal(count_names(dir), 1);
	test_dir_remove(dir);
}

static void test_pipe(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE], got[8] = "";
	int fd;

	(void)state;
	path_in(path, dir, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_fails_to_write(path, EXIT_USAGE, "No such device or address"); /* no reader */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	write_text(path, "through");
	assert_int_equal(read(fd, got, sizeof(got)), 7);
	assert_memory_equal(got, "through", 7);
	assert_true(S_ISFIFO(look(path).st_mode));
	close(fd);
	test_dir_remove(dir);
}

/* More than a pipe holds. */
static void test_slow_reader(void **state)
{
	enum { MUCH = 1 << 18 };
	char *dir = test_dir_make(), path[PATH_SIZE], *text = calloc(1, MUCH), chunk[5000];
	struct err err;
	int status, sum = 0;
	pid_t pid;

	(void)state;
	path_in(path, dir, "pipe");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_non_null(text);
	pid = fork();
	if (pid == 0) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t got;

		while ((got = read(fd, chunk, sizeof(chunk))) > 0)
			sum += (int)got;
		_exit(sum != MUCH);
	}
	/* Until it reads. */
	while (file_write_whole(path, text, MUCH, &err) < 0)
		assert_int_equal(err.code, EXIT_USAGE);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	free(text);
	test_dir_remove(dir);
}

static void check_device(const char *path, unsigned number, enum exit_code code)
{
	struct err err;
	struct stat st;
	int done;

	assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, number)), 0);
	done = file_write_whole(path, "text", 4, &err);
	assert_int_equal(done, code == EXIT_FINE ? 0 : -1);
	if (done < 0)
		assert_int_equal(err.code, code);
	st = look(path);
	assert_true(S_ISCHR(st.st_mode));
	assert_int_equal(st.st_rdev, makedev(1, number));
}

/* Nodes of our own: nothing here may endanger those of the machine. */
static void test_devices(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE];
	int fd = -1;

	(void)state;
	path_in(path, dir, "probe");
	if (mknod(path, S_IFCHR | 0666, makedev(1, 3)) == 0)
		fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		test_dir_remove(dir);
		skip(); /* needs root, and a file system with devices */
	}
	close(fd);
	path_in(path, dir, "null");
	check_device(path, 3, EXIT_FINE);
	path_in(path, dir, "full");
	check_device(path, 7, EXIT_INTERNAL);
	assert_int_equal(count_names(dir), 3);
	test_dir_remove(dir);
}

/* It can be reached through its descriptor alone. */
static void test_removed(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE], descriptor[32], got[8] = "";
	int fd;

	(void)state;
	path_in(path, dir, "file");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	unlink(path);
	snprintf(descriptor, sizeof(descriptor), "/dev/fd/%d", fd);
	write_text(descriptor, "text");
	assert_int_equal(pread(fd, got, sizeof(got), 0), 4);
	assert_memory_equal(got, "text", 4);
	assert_int_equal(count_names(dir), 0);
	close(fd);
	test_dir_remove(dir);
}

/* What is there stays as it was. */
static void test_file_size_limit(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE];
	struct rlimit before, small;

	(void)state;
	path_in(path, dir, "file");
	write_text(path, "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){.rlim_cur = 2, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_fails_to_write(path, EXIT_INTERNAL, "File too large");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_content(path, "old");
	assert_int_equal(count_names(dir), 1);
	test_dir_remove(dir);
}

enum { WRITERS = 3, ROUNDS = 100, LENGTH = 50000 };

static pid_t start_writer(const char *path, char letter)
{
	pid_t pid = fork();

	if (pid == 0) {
		char *text = malloc(LENGTH);
		struct err err;
		int done = text ? 0 : -1;

		if (text)
			memset(text, letter, LENGTH);
		for (int i = 0; i < ROUNDS && done == 0; i++)
			done = file_write_whole(path, text, LENGTH, &err);
		free(text);
		_exit(done < 0);
	}
	assert_true(pid > 0);
	return pid;
}

static void assert_of_one_writer(const char *path)
{
	struct buf got = BUF_INIT;
	struct err err;

	assert_works(file_read(path, LENGTH, &got, &err), err);
	assert_int_equal(got.len, LENGTH);
	assert_int_equal(strspn(buf_str(&got), (char[]){got.data[0], '\0'}), LENGTH);
	buf_release(&got);
}

static void test_many_writers(void **state)
{
	char *dir = test_dir_make(), path[PATH_SIZE];
	int left = WRITERS, status;

	(void)state;
	path_in(path, dir, "file");
	assert_int_equal(waitpid(start_writer(path, 'z'), &status, 0) > 0 && status == 0, 1);
	for (int i = 0; i < WRITERS; i++)
		start_writer(path, (char)('a' + i));
	while (left > 0) {
		pid_t pid = waitpid(-1, &status, WNOHANG);

		assert_true(pid >= 0);
		if (pid > 0) {
			assert_int_equal(status, 0);
			left--;
		}
		assert_of_one_writer(path);
	}
	assert_int_equal(count_names(dir), 1);
	test_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mode_and_owner), cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_links),	       cmocka_unit_test(test_bad_places),
		cmocka_unit_test(test_pipe),	       cmocka_unit_test(test_slow_reader),
		cmocka_unit_test(test_devices),	       cmocka_unit_test(test_file_size_limit),
		cmocka_unit_test(test_removed),	       cmocka_unit_test(test_many_writers),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
