/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One nestbench of a user at a time looks for other runs and registers. While it does so it holds a
 * lock (flock) on a file in the user's directory, which is removed at the end: no other user can
 * hold it, and without it no nestbench starts.
 */
#ifndef NB_START_GATE_H
#define NB_START_GATE_H

#include <stdbool.h>

#include "lib/err.h"

enum { START_GATE_PATH = 64 };

struct start_gate {
	int fd;
	char path[START_GATE_PATH];
};

/* The file in the directory `base`, of at most 30 characters. */
void start_gate_name(const char *base, char path[START_GATE_PATH]);

/*
 * Waits for others, for seconds. -1: nothing is held; EXIT_MACHINE when another does not come to an
 * end, or there can be no lock, EXIT_INTERRUPTED when the user wants to stop.
 */
int start_gate_enter(struct start_gate *g, const char *base, struct err *err);

/* Once, of a gate that was entered. */
void start_gate_leave(struct start_gate *g);

/* Removes the file where its holder has died. */
void start_gate_sweep(const char *base);

#endif
