/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A libvirtd of our own that has the LXC driver alone, and directories of its own over those that
 * are compiled into it, in a mount namespace: a system's libvirt neither sees it nor is touched. It
 * ends by itself a while after its last client.
 */
#ifndef NB_CONTAINER_DAEMON_H
#define NB_CONTAINER_DAEMON_H

#include <limits.h>
#include <stdbool.h>

#include "lib/buf.h"
#include "lib/child.h"
#include "lib/err.h"

/* The path of its socket below DAEMON_PATH has to fit into an address of 107 characters. */
enum { DAEMON_DIRS = 5, DAEMON_PATH = 90 };

struct daemon {
	struct child child;
	char dir[DAEMON_PATH]; /* all that it keeps; "" for none */
	int held[DAEMON_DIRS]; /* its directories on the machine, locked; -1: not there */
};

#define DAEMON_NONE                                                                                \
	{                                                                                          \
		.child = CHILD_NONE, .held = { -1, -1, -1, -1, -1 }                                \
	}

/* Where the parts are, for messages and checks: "" for one that is not there. */
struct daemon_parts {
	char libvirtd[PATH_MAX], driver[PATH_MAX], controller[PATH_MAX];
};

void daemon_find(struct daemon_parts *p);

/*
 * Starts one that keeps its files in dir, which it makes, and waits until it can be connected to at
 * *uri. EXIT_MACHINE; EXIT_INTERRUPTED when cancel_fd hangs up. On failure nothing is left.
 */
int daemon_start(struct daemon *d, const char *dir, int cancel_fd, char uri[DAEMON_PATH + 64],
		 struct err *err);

/* Removes the directories that killed ones made for the machine and that no other uses; with
 * dry_run it only looks. Names them in *said. Returns how many there were. */
int daemon_tidy(bool dry_run, struct buf *said);

/* Ends it and removes its files; one that was not started is fine. */
void daemon_stop(struct daemon *d);

#endif
