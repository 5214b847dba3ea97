/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child processes: started by argv (never through a shell), in a process group of their own, always
 * reaped by the one who started them.
 */
#ifndef NB_CHILD_H
#define NB_CHILD_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"
#include "lib/err.h"

struct child {
	pid_t pid; /* 0: none */
	int in;	   /* we write, it reads; -1: none */
	int out;   /* we read what it writes on stdout; -1: none */
};

#define CHILD_NONE                                                                                 \
	{                                                                                          \
		.in = -1, .out = -1                                                                \
	}

struct child_options {
	int keep_fd;	 /* > 2: stays open in the child under this number; 0: none does */
	int stdio_fd;	 /* > 0: the child's stdin and stdout (a socket); no pipes are made */
	int err_fd;	 /* > 0: its stderr */
	const char *log; /* its stderr is appended to this file; NULL: inherited */
	const char *dir; /* working directory; NULL: ours */
};

/* Adds to attr, with these flags, that a program finds no signal blocked, and none ignored that we
 * ignore (streams.h) or wait for. */
void child_signals(posix_spawnattr_t *attr, short flags);

/* Starts argv[0] (found on PATH). On failure nothing is left running. opt may be NULL. */
int child_start(struct child *c, const char *const argv[], const struct child_options *opt,
		struct err *err);

/* What a child of this process does; GONE: it was reaped, and its pid may be another's. */
enum child_state { CHILD_RUNS, CHILD_ENDED, CHILD_GONE };

/* Reaps nothing. */
enum child_state child_look(pid_t pid);

/*
 * Waits until the child has ended, at most limit_ns. 1: it ended and is reaped, nothing is left of
 * its process group, *status is as of waitpid(); 0: it is still running.
 */
int child_wait(struct child *c, uint64_t limit_ns, int *status);

/* Ends the whole process group (SIGTERM, after grace_ns SIGKILL), reaps it, closes the pipes. */
void child_stop(struct child *c, uint64_t grace_ns);

/*
 * Kills (SIGKILL) the children of this process, orphans that it inherited among them, and reaps
 * those that have ended. For a process of one thread. Returns how many there were.
 */
int child_kill_all(void);

/*
 * Runs a tool to its end and appends what it prints on stdout and stderr to *out (cut at 1 MiB).
 * input, which may be NULL, is written to its stdin. 0 only when the tool exited with 0; an err
 * names the tool, how it ended and the last line it printed. Where interrupt.h is installed a
 * signal to stop ends the tool (EXIT_INTERRUPTED).
 */
int child_run(const char *const argv[], const char *dir, const char *input, uint64_t limit_ns,
	      struct buf *out, struct err *err);

/* The same after a signal to stop, too, and not ended by one: for what puts things back. */
int child_run_anyway(const char *const argv[], uint64_t limit_ns, struct buf *out, struct err *err);

#endif
