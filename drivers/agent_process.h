/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An agent that is a child process, whose stdin and stdout are the two directions of the byte
 * stream (one socket); stderr goes to WORK-DIR/agent.log. It is in a process group of its own, so
 * that Ctrl-C reaches only the caller; when the caller is gone it reads end of file.
 */
#ifndef NB_AGENT_PROCESS_H
#define NB_AGENT_PROCESS_H

#include <limits.h>

#include "drivers/driver.h"

struct agent_launch {
	/* The agent works in the spec's work_dir or in a directory of this name there, which stop
	 * removes; NULL: in the work_dir itself. */
	const char *sub_dir;
	/* Whatever brings the agent up with the stream as its stdin and stdout: a command around
	 * it, a client that runs it elsewhere. NULL: PROGRAM agent --port -. */
	const char *const *argv;
	uint64_t limit_ns; /* until its first byte, unless the spec says; 0: 20 s */
	uint64_t stop_ns;  /* for its end, before it is killed; 0: 15 s */
	/* Called when argv was started, before the first byte is waited for: what is to be said
	 * on layer->fd until the agent runs; it may put another stream in its place. The layer's
	 * log is there. NULL: nothing. */
	int (*prepare)(struct layer *layer, void *ctx, struct err *err);
	void *ctx;
};

/*
 * Start of a driver. Fills layer->inside with what the spec has, which holds for a layer that
 * shares its parent layer's files.
 */
int agent_process_start(struct layer *layer, const struct agent_launch *launch, struct err *err);

/* For a launch: the name of a directory that no other layer in this work_dir has, and (NULL: not
 * asked for) the path of the log there. */
enum { AGENT_SUB_DIR = 40 };
void agent_process_place(const char *kind, const struct layer_spec *spec,
			 char sub_dir[AGENT_SUB_DIR], char log[PATH_MAX]);

/* The program that serves such a layer, for a launch's argv: "PROGRAM agent --port -". */
int agent_process_program(const struct layer_spec *spec, char path[PATH_MAX], struct err *err);

/*
 * Waits until the first byte of the agent, this program, can be read from layer->fd, at most
 * limit_ns from `start` on (clock_machine). EXIT_INTERRUPTED when the spec's cancel_fd hangs up.
 */
int agent_process_wait(const struct layer *layer, const char *program, uint64_t start,
		       uint64_t limit_ns, struct err *err);

/* -1 with EXIT_INTERNAL: the agent, this program, was gone before its first byte. */
int agent_process_ended(const struct layer *layer, const char *program, struct err *err);

/*
 * Stop of a driver: shuts the stream down, gives the agent time to stop what it had started, then
 * kills its group. Fine when nothing was started.
 */
void agent_process_stop(struct layer *layer);

/* The process of a layer whose priv, after start, is this. */
pid_t agent_process_pid(const void *priv);

#endif
