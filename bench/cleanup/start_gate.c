/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/cleanup/start_gate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/interrupt.h"

enum { LIMIT_MS = 5000, STEP_MS = 20 };

void start_gate_name(const char *base, char path[START_GATE_PATH])
{
	/* All users share /tmp. */
	snprintf(path, START_GATE_PATH, "%.30s/nestbench-start-%u", base, (unsigned)geteuid());
}

/* Whether the file that is open is ours alone. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid();
}

/* Its previous holder may have removed it meanwhile. */
static bool is_still(int fd, const char *path)
{
	struct stat open, there;

	return fstat(fd, &open) == 0 && lstat(path, &there) == 0 && open.st_dev == there.st_dev &&
	       open.st_ino == there.st_ino;
}

/* 1: entered; 0: another is in it. */
static int try_enter(struct start_gate *g, struct err *err)
{
	int done = 0;

	g->fd = open(g->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (g->fd < 0)
		return err_errno(err, EXIT_MACHINE,
				 "cannot open %s, which lets one nestbench start at a time",
				 g->path);
	if (!is_ours(g->fd))
		done = err_set(err, EXIT_MACHINE,
			       "%s, which lets one nestbench start at a time, is not a file of "
			       "this user; remove it, or name another directory than /tmp in "
			       "XDG_RUNTIME_DIR",
			       g->path);
	else if (flock(g->fd, LOCK_EX | LOCK_NB) == 0)
		done = is_still(g->fd, g->path);
	else if (errno != EWOULDBLOCK)
		done = err_errno(err, EXIT_MACHINE, "cannot lock %s", g->path);
	if (done <= 0) {
		close(g->fd);
		g->fd = -1;
	}
	return done;
}

int start_gate_enter(struct start_gate *g, const char *base, struct err *err)
{
	int entered;

	g->fd = -1;
	start_gate_name(base, g->path);
	for (int ms = 0; (entered = try_enter(g, err)) == 0; ms += STEP_MS) {
		if (interrupt_check(err) < 0)
			return -1;
		if (ms >= LIMIT_MS)
			return err_set(err, EXIT_MACHINE,
				       "another nestbench has been starting for %d s and does not "
				       "come to an end: end it (it holds %s) and try again",
				       LIMIT_MS / 1000, g->path);
		poll(NULL, 0, STEP_MS);
	}
	return entered < 0 ? -1 : 0;
}

void start_gate_leave(struct start_gate *g)
{
	unlink(g->path);
	close(g->fd);
	g->fd = -1;
}

void start_gate_sweep(const char *base)
{
	char path[START_GATE_PATH];
	int fd;

	start_gate_name(base, path);
	fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && is_ours(fd) && flock(fd, LOCK_EX | LOCK_NB) == 0 && is_still(fd, path))
		unlink(path);
	if (fd >= 0)
		close(fd);
}
