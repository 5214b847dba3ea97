/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/child.h"
#include "bench/base/clock.h"
#include "bench/base/interrupt.h"

/* What a process that was sent the signal finds; run in a child, since there is no way back. */
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
	/* A tool that would run on is ended at once. */
	if (child_run(forever, NULL, NULL, 50 * NS_PER_S, &out, &err) != -1 ||
	    err.code != EXIT_INTERRUPTED)
		return 5;
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
		cmocka_unit_test(test_not_installed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
