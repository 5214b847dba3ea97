/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/clock.h"
#include "lib/interrupt.h"

/* The state of a process that got the signal; run in a child, since it is final. */
static int interrupted_by(int signal)
{
	const char *const forever[] = {"sleep", "60", NULL};
	struct pollfd p = {.events = POLLIN};
	struct buf out = BUF_INIT;
	struct err err = {0};

	if (interrupt_pending() || interrupt_install(&err) < 0)
		return 1;
	if (interrupt_pending() || interrupt_check(&err) < 0)
		return 2;
	raise(signal);
	p.fd = interrupt_fd();
	if (!interrupt_pending() || poll(&p, 1, 0) != 1 || !interrupt_pending())
		return 3;
	if (interrupt_check(&err) != -1 || err.code != EXIT_INTERRUPTED)
		return 4;
	/* A tool that would continue is ended at once. */
	if (child_run(forever, NULL, NULL, 50 * NS_PER_S, &out, &err) != -1 ||
	    err.code != EXIT_INTERRUPTED)
		return 5;
	/* One that puts things back does its work. */
	if (child_run_anyway((const char *const[]){"echo", "back", NULL}, 5 * NS_PER_S, &out,
			     &err) != 0 ||
	    strcmp(buf_str(&out), "back\n") != 0)
		return 6;
	if (child_run_anyway(forever, 50 * NS_PER_MS, &out, &err) != -1 ||
	    err.code != EXIT_INTERNAL)
		return 7;
	buf_release(&out);
	return 0;
}

static void test_signals(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

	(void)state;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(interrupted_by(signals[i]));
		assert_true(pid > 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

enum { HEARD = 1 << 16, SAID = 1 << 18 };

/* A process that writes more than its stopped reader has read. */
static int write_without_reader(bool heard)
{
	char *text = calloc(SAID + 1, 1);
	struct err err = {0};
	int ends[2];

	/* Blocks for ever. */
	alarm(60);
	if (!text || pipe(ends) < 0 || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 ||
	    interrupt_install(&err) < 0)
		return 1;
	memset(text, 'x', SAID);
	text[heard ? HEARD / 2 : SAID] = '\0';
	raise(SIGTERM);
	fputs(text, stderr);
	if ((ferror(stderr) == 0) != heard)
		return 2;
	printf("%s", heard ? "" : text);
	fflush(stdout);
	if ((ferror(stdout) == 0) != heard)
		return 3;
	free(text);
	return 0;
}

/* The signal comes while it waits for its reader. */
static int say_and_wait(int up)
{
	struct err err = {0};
	int ends[2];

	alarm(60);
	if (pipe(ends) < 0 || dup2(ends[1], 2) < 0 || interrupt_install(&err) < 0)
		return 1;
	if (write(up, "u", 1) != 1)
		return 2;
	while (!ferror(stderr))
		fprintf(stderr, "a message without a reader\n");
	return interrupt_pending() ? 0 : 3;
}

static void assert_ends_well(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_no_reader(void **state)
{
	int up[2];
	pid_t pid;
	char byte;

	(void)state;
	for (int heard = 0; heard <= 1; heard++) {
		pid = fork();
		if (pid == 0)
			_exit(write_without_reader(heard));
		assert_true(pid > 0);
		assert_ends_well(pid);
	}
	assert_int_equal(pipe(up), 0);
	pid = fork();
	if (pid == 0)
		_exit(say_and_wait(up[1]));
	assert_true(pid > 0);
	assert_int_equal(read(up[0], &byte, 1), 1);
	poll(NULL, 0, 100);
	assert_int_equal(kill(pid, SIGINT), 0);
	assert_ends_well(pid);
	close(up[0]);
	close(up[1]);
}

static void test_not_installed(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(interrupt_fd(), -1);
	assert_false(interrupt_pending());
	assert_works(interrupt_check(&err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_no_reader),
		cmocka_unit_test(test_not_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
