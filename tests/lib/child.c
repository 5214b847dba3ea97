/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/streams.h"

int __real_kill(pid_t pid, int signal);
int __wrap_kill(pid_t pid, int signal);

/* A group is signalled while its first process is not reaped: later the number may be reused. */
int __wrap_kill(pid_t pid, int signal)
{
	if (pid < 0)
		assert_int_not_equal(child_look(-pid), CHILD_GONE);
	return __real_kill(pid, signal);
}

#define RUN(out, err, ...)                                                                         \
	child_run((const char *const[]){__VA_ARGS__, NULL}, NULL, NULL, 5 * NS_PER_S, out, err)

static void test_run(void **state)
{
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "sh", "-c", "echo out; echo err >&2"), err);
	assert_string_equal(buf_str(&out), "out\nerr\n");
	buf_release(&out);
}

static void test_run_failures(void **state)
{
	const char *const forever[] = {"sleep", "60", NULL};
	struct buf out = BUF_INIT;
	struct err err;
	uint64_t start = clock_now(&clock_machine);

	(void)state;
	assert_fails(RUN(&out, &err, "no-such-program-here"), err, EXIT_MACHINE, "not installed");
	assert_fails(RUN(&out, &err, "sh", "-c", "echo a; echo the cause >&2; exit 3"), err,
		     EXIT_INTERNAL, "exit code 3: the cause");
	assert_fails(RUN(&out, &err, "sh", "-c", "kill -9 $$"), err, EXIT_INTERNAL, "signal 9");
	assert_fails(child_run(forever, NULL, NULL, 100 * NS_PER_MS, &out, &err), err,
		     EXIT_INTERNAL, "did not end within");
	assert_true(clock_now(&clock_machine) - start < 20 * NS_PER_S);
	buf_release(&out);
}

static void test_run_input(void **state)
{
	const char *const count[] = {"wc", "-c", NULL}, *const ignore[] = {"true", NULL};
	char *text = malloc(300001);
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 300000);
	text[300000] = '\0';
	/* More than a pipe holds. */
	assert_works(child_run(count, NULL, text, 5 * NS_PER_S, &out, &err), err);
	assert_string_equal(buf_str(&out), "300000\n");
	/* It does not read its input: not an error, and no SIGPIPE. */
	assert_works(child_run(ignore, NULL, text, 5 * NS_PER_S, &out, &err), err);
	free(text);
	buf_release(&out);
}

static void test_run_cuts_output(void **state)
{
	struct buf out = BUF_INIT;
	struct err err;

	(void)state;
	assert_works(RUN(&out, &err, "head", "-c", "3000000", "/dev/zero"), err);
	assert_in_range(out.len, 1 << 20, (1 << 20) + 65536);
	buf_release(&out);
}

static void test_directory_and_log(void **state)
{
	const char *const argv[] = {"sh", "-c", "pwd; echo talk >&2", NULL};
	char *dir = test_dir_make(), *log = NULL, line[300];
	struct child c = CHILD_NONE;
	struct buf text = BUF_INIT;
	struct err err;
	int status;

	(void)state;
	assert_true(asprintf(&log, "%s/log", dir) > 0);
	assert_works(child_start(&c, argv, &(struct child_options){.dir = dir, .log = log}, &err),
		     err);
	assert_true(read(c.out, line, sizeof(line)) > (ssize_t)strlen(dir));
	assert_memory_equal(line, dir, strlen(dir));
	assert_int_equal(child_wait(&c, 5 * NS_PER_S, &status), 1);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_works(file_read(log, 100, &text, &err), err);
	assert_string_equal(buf_str(&text), "talk\n");
	child_stop(&c, 0);
	assert_int_equal(c.in, -1);
	assert_int_equal(c.out, -1);
	buf_release(&text);
	free(log);
	test_dir_remove(dir);
}

static void test_stderr_to_a_pipe(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo data; echo talk >&2", NULL};
	struct child c = CHILD_NONE;
	char line[16] = "";
	struct err err;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_works(child_start(&c, argv, &(struct child_options){.err_fd = ends[1]}, &err), err);
	close(ends[1]);
	assert_int_equal(read(ends[0], line, sizeof(line)), 5);
	assert_memory_equal(line, "talk\n", 5);
	assert_int_equal(read(c.out, line, sizeof(line)), 5);
	assert_memory_equal(line, "data\n", 5);
	child_stop(&c, 5 * NS_PER_S);
	assert_int_equal(read(ends[0], line, sizeof(line)), 0);
	close(ends[0]);
}

/* A zombie waits for init only. */
static void assert_ends(pid_t pid)
{
	bool gone = false;

	assert_true(pid > 1);
	for (int i = 0; i < 500 && !gone; i++) {
		char path[64], text[256], *paren;

		snprintf(path, sizeof(path), "/proc/%d/stat", pid);
		gone = !file_line(text, sizeof(text), "%s", path) ||
		       !(paren = strrchr(text, ')')) || paren[2] == 'Z';
		usleep(10000);
	}
	assert_true(gone);
}

/* The number that the child has printed. */
static pid_t read_pid(const struct child *c)
{
	char line[32] = "";

	assert_true(read(c->out, line, sizeof(line) - 1) > 0);
	return (pid_t)strtol(line, NULL, 10);
}

/* The child's descendants end with it, and one that ignores SIGTERM is killed. */
static void test_stop_ends_the_group(void **state)
{
	const char *const argv[] = {"sh", "-c", "trap '' TERM; sleep 60 & echo $!; wait", NULL};
	struct child c = CHILD_NONE;
	struct err err;
	pid_t grandchild;
	int status;

	(void)state;
	assert_works(child_start(&c, argv, NULL, &err), err);
	grandchild = read_pid(&c);
	assert_int_equal(child_wait(&c, NS_PER_MS, &status), 0);
	child_stop(&c, 50 * NS_PER_MS);
	assert_int_equal(c.pid, 0);
	child_stop(&c, 0); /* again: nothing happens */
	assert_ends(grandchild);
}

/* Nothing is left behind by one that ends by itself, whichever function waits for it. */
static void test_wait_ends_the_group(void **state)
{
	const char *const argv[] = {"sh", "-c", "sleep 60 <&- >&- 2>&- & echo $!", NULL};
	struct child c = CHILD_NONE;
	struct buf out = BUF_INIT;
	pid_t grandchild;
	struct err err;
	int status;

	(void)state;
	for (int stops = 0; stops < 2; stops++) {
		assert_works(child_start(&c, argv, NULL, &err), err);
		grandchild = read_pid(&c);
		if (!stops)
			assert_int_equal(child_wait(&c, 5 * NS_PER_S, &status), 1);
		child_stop(&c, 5 * NS_PER_S);
		assert_ends(grandchild);
	}
	assert_works(child_run(argv, NULL, NULL, 5 * NS_PER_S, &out, &err), err);
	assert_ends((pid_t)strtol(buf_str(&out), NULL, 10));
	buf_release(&out);
}

/* Of a child that was reaped elsewhere nothing is known, and nothing is signalled. */
static void test_reaped_by_others(void **state)
{
	const char *const argv[] = {"true", NULL};
	struct child c = CHILD_NONE;
	struct err err;
	int status;

	(void)state;
	assert_works(child_start(&c, argv, NULL, &err), err);
	assert_int_equal(waitpid(c.pid, &status, 0), c.pid);
	assert_int_equal(child_look(c.pid), CHILD_GONE);
	assert_int_equal(child_wait(&c, 5 * NS_PER_S, &status), 1);
	assert_int_equal(WEXITSTATUS(status), 255);
	child_stop(&c, 0);
}

static void test_stdio_socket(void **state)
{
	const char *const argv[] = {"cat", NULL};
	struct child c = CHILD_NONE;
	char echo[6] = "";
	struct err err;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_works(child_start(&c, argv, &(struct child_options){.stdio_fd = pair[1]}, &err),
		     err);
	close(pair[1]);
	assert_int_equal(c.in, -1);
	assert_int_equal(write(pair[0], "hello", 5), 5);
	assert_int_equal(recv(pair[0], echo, 5, MSG_WAITALL), 5);
	assert_string_equal(echo, "hello");
	close(pair[0]);
	child_stop(&c, NS_PER_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_run_failures),
		cmocka_unit_test(test_run_input),
		cmocka_unit_test(test_run_cuts_output),
		cmocka_unit_test(test_directory_and_log),
		cmocka_unit_test(test_stderr_to_a_pipe),
		cmocka_unit_test(test_stop_ends_the_group),
		cmocka_unit_test(test_wait_ends_the_group),
		cmocka_unit_test(test_reaped_by_others),
		cmocka_unit_test(test_stdio_socket),
	};

	streams_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
