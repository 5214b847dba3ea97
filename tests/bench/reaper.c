/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/check.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/cleanup/reaper.h"
#include "drivers/host/ended.h"

int __real_kill(pid_t pid, int signal);
int __wrap_kill(pid_t pid, int signal);

static bool *stray; /* at the reaper's end a process was signalled that is not ours */
static bool at_end;

int __wrap_kill(pid_t pid, int signal)
{
	siginfo_t info;

	if (at_end && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
		*stray = true;
		return 0;
	}
	return __real_kill(pid, signal);
}

/* Makes an orphan that sleeps, as libvirt makes QEMU one. */
static void leave_orphan(void)
{
	pid_t middle = fork();

	if (middle == 0) {
		if (fork() == 0) {
			setsid();
			for (;;)
				pause();
		}
		_exit(0);
	}
	waitpid(middle, NULL, 0);
}

/* What a kept process does in a test; it ends with what this returns. */
typedef int (*life)(void);

struct kept {
	pid_t reaper;
	int watch; /* at its end when reaper, child and all orphans are gone */
};

/* `up` says that the life begins. */
static struct kept keep(life live)
{
	int up[2], watch[2];
	struct kept k;
	char byte;

	assert_int_equal(pipe(up), 0);
	assert_int_equal(pipe(watch), 0);
	k.reaper = fork();
	if (k.reaper == 0) {
		struct err err;

		close(up[0]);
		close(watch[0]);
		setpgid(0, 0);
		if (reaper_start(&err) < 0 || write(up[1], "u", 1) != 1)
			_exit(99);
		close(up[1]);
		_exit(live());
	}
	close(up[1]);
	close(watch[1]);
	k.watch = watch[0];
	assert_int_equal(read(up[0], &byte, 1), 1);
	close(up[0]);
	return k;
}

/* How it ended; nothing of it may be left. */
static int finish(struct kept *k)
{
	struct pollfd p = {.fd = k->watch};
	int status;

	assert_int_equal(waitpid(k->reaper, &status, 0), k->reaper);
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_true(p.revents & POLLHUP);
	close(k->watch);
	return status;
}

static int exit_with_7(void)
{
	leave_orphan();
	return 7;
}

static int die_of_segv(void)
{
	leave_orphan();
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 0;
}

static int wait_for_signal(void)
{
	leave_orphan();
	pause();
	return 0;
}

/* Makes an orphan that ends by this signal, or else with code 3. Its number, or -1. */
static pid_t make_ended_orphan(int by)
{
	pid_t middle, orphan = -1;
	int tell[2];

	if (pipe(tell) < 0)
		return -1;
	middle = fork();
	if (middle == 0) {
		pid_t p = fork();

		if (p == 0 && by)
			raise(by);
		if (p == 0)
			_exit(3);
		_exit(write(tell[1], &p, sizeof(p)) != sizeof(p));
	}
	waitpid(middle, NULL, 0);
	if (read(tell[0], &orphan, sizeof(orphan)) != sizeof(orphan))
		orphan = -1;
	close(tell[0]);
	close(tell[1]);
	return orphan;
}

/* 0 when the reaper has told how an orphan ended. */
static int know_ending(int by, const char *want)
{
	pid_t orphan = make_ended_orphan(by);
	char text[64] = "";

	for (int i = 0; i < 200 && orphan > 0; i++) {
		if (ended_find(orphan, text, sizeof(text)))
			return strcmp(text, want) != 0;
		usleep(5000);
	}
	return 1;
}

static int know_endings(void)
{
	char text[64];

	return know_ending(SIGKILL, "was ended by signal 9") +
	       2 * know_ending(0, "ended with exit code 3") + 4 * ended_find(getpid(), text, 64);
}

/* 0 when an orphan that has ended is reaped at once by the reaper. */
static int watch_orphan_vanish(void)
{
	pid_t orphan = make_ended_orphan(0);

	if (orphan < 0)
		return 2;
	for (int i = 0; i < 200; i++) {
		if (kill(orphan, 0) < 0 && errno == ESRCH)
			return 0;
		usleep(5000);
	}
	return 3;
}

static void exit_code_is_handed_on(void **state)
{
	struct kept k = keep(exit_with_7);
	int status = finish(&k);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
}

static void signal_is_handed_on(void **state)
{
	struct kept k = keep(die_of_segv);
	int status = finish(&k);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

static void sigterm_reaches_the_child(void **state)
{
	struct kept k = keep(wait_for_signal);
	int status;

	(void)state;
	assert_int_equal(kill(k.reaper, SIGTERM), 0);
	status = finish(&k);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGTERM);
}

/* The worst that can happen to the child: the reaper still clears up. */
static void sigkill_to_the_group_leaves_the_reaper(void **state)
{
	struct kept k = keep(wait_for_signal);
	int status;

	(void)state;
	assert_int_equal(kill(-k.reaper, SIGKILL), 0);
	status = finish(&k);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void told_to_end(void)
{
	at_end = true;
	raise(SIGTERM);
}

/* By then the child's pid may be that of another. */
static void sigterm_after_the_child_reaches_nobody(void **state)
{
	struct kept k;
	int status;

	(void)state;
	stray = mmap(NULL, sizeof(*stray), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	assert_true(stray != MAP_FAILED);
	reaper_at_end(told_to_end);
	k = keep(exit_with_7);
	reaper_at_end(NULL);
	status = finish(&k);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_false(*stray);
	munmap(stray, sizeof(*stray));
}

static void assert_fine(life live)
{
	struct kept k = keep(live);
	int status = finish(&k);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void orphans_are_reaped_at_once(void **state)
{
	(void)state;
	assert_fine(watch_orphan_vanish);
}

static void endings_are_told(void **state)
{
	(void)state;
	assert_fine(know_endings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_code_is_handed_on),
		cmocka_unit_test(signal_is_handed_on),
		cmocka_unit_test(sigterm_reaches_the_child),
		cmocka_unit_test(sigkill_to_the_group_leaves_the_reaper),
		cmocka_unit_test(sigterm_after_the_child_reaches_nobody),
		cmocka_unit_test(orphans_are_reaped_at_once),
		cmocka_unit_test(endings_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
