/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/cleanup/reaper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/host/ended.h"
#include "lib/child.h"
#include "lib/clock.h"
#include "lib/streams.h"

enum { ORPHANS_STEP_MS = 5 };
#define ORPHANS_LIMIT_NS (30 * NS_PER_S)

static volatile pid_t kept; /* for the handler; 0: it has ended */
static void (*at_end)(void);

void reaper_at_end(void (*put_back)(void))
{
	at_end = put_back;
}

static void pass_on(int signal)
{
	if (kept)
		kill(kept, signal);
}

/*
 * Ends what the child left behind. Their own orphans come to us too, hence the loop. One that the
 * kernel holds (a disk that hangs) ends as soon as that lets it, whether we wait or not.
 */
static void end_orphans(void)
{
	uint64_t end = clock_now(&clock_machine) + ORPHANS_LIMIT_NS;

	while (child_kill_all() > 0 && clock_now(&clock_machine) < end)
		poll(NULL, 0, ORPHANS_STEP_MS);
}

/*
 * Leaves the group to the child, by joining the parent's. Not in a terminal's foreground: there the
 * shell stops and continues the group as a whole. Fails where the parent is in another session;
 * then the group is shared.
 */
static void leave_group(void)
{
	int tty = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	bool foreground = tty >= 0 && tcgetpgrp(tty) == getpgrp();

	if (tty >= 0)
		close(tty);
	if (!foreground)
		(void)setpgid(0, getpgid(getppid()));
}

/*
 * Reaps whatever ends, up to the child. Its status; 0 where it is not known. The handler forgets
 * the child before it is reaped: from then on its pid may be another's.
 */
static int wait_for_child(int log)
{
	const pid_t child = kept;

	for (;;) {
		siginfo_t info = {0};
		int status = 0;

		if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) < 0) {
			if (errno == EINTR)
				continue;
			return 0;
		}
		if (info.si_pid == child)
			kept = 0;
		if (waitpid(info.si_pid, &status, 0) < 0)
			status = 0;
		if (info.si_pid == child)
			return status;
		ended_note(log, info.si_pid, status);
	}
}

static _Noreturn void reap(int log)
{
	const struct sigaction forward = {.sa_handler = pass_on, .sa_flags = SA_RESTART};
	sigset_t none;
	int status;

	sigaction(SIGTERM, &forward, NULL);
	sigaction(SIGHUP, &forward, NULL);
	signal(SIGINT, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* The streams are the child's: their reader must see their end when it ends. */
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	streams_hold();
	status = wait_for_child(log);
	end_orphans();
	if (at_end)
		at_end();
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WEXITSTATUS(status));
}

int reaper_start(struct err *err)
{
	sigset_t held, before;
	pid_t reaper = getpid();
	int log, left[2];

	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return err_errno(err, EXIT_MACHINE,
				 "cannot become the reaper of orphaned processes");
	if (pipe2(left, O_CLOEXEC) < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a pipe");
	/* A signal between fork and the handlers would otherwise end the reaper alone. */
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	sigaddset(&held, SIGHUP);
	sigprocmask(SIG_BLOCK, &held, &before);
	log = ended_begin();
	kept = fork();
	if (kept < 0)
		err_errno(err, EXIT_INTERNAL, "cannot fork");
	if (kept <= 0 && log >= 0)
		close(log);
	if (kept > 0) {
		leave_group();
		close(left[0]);
		close(left[1]);
		reap(log);
	}
	close(left[1]);
	/* Until the reaper is out of it, what ends the group would end both. */
	if (kept == 0)
		(void)!read(left[0], &(char){0}, 1);
	close(left[0]);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (kept < 0)
		return -1;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != reaper)
		raise(SIGTERM);
	return 0;
}
