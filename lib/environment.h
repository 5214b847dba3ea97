/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a program inherits of the user's surroundings. Libraries and child processes obey hundreds
 * of variables, none of which a guest has: with them L0 would be measured under other conditions
 * than the layers in it, or described wrongly. So a table says which variables stay, and why; all
 * others go.
 */
#ifndef NB_ENVIRONMENT_H
#define NB_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

/*
 * Removes the variables that do not stay, sets the locale of children to C, as guests have it, and
 * sees to it that files made from now on are their owner's (umask). At the start of main, before
 * any thread.
 */
void environment_settle(void);

/* What happens to variables of the user's environment. */
struct environment_rule {
	const char *const *names; /* NULL ends them; a '*' at one end stands for anything */
	bool removed;		  /* it goes, and the user is told */
	bool recorded;		  /* it stays, and is kept with the figures */
	const char *why;
};

/* The i-th rule, from 0, of which the first that matches counts; false: there are no more. */
bool environment_rule(size_t i, struct environment_rule *out);

/* A variable that was set to change how a library or a program works: it was removed, or it stays
 * and is recorded. */
struct environment_note {
	char name[64];
	bool removed;
	const char *why;
};

/* The i-th of them, from 0; NULL: there are no more. */
const struct environment_note *environment_note(size_t i);

/* Appends those that stay although they can move figures, "LD_LIBRARY_PATH=/opt/lib". */
void environment_add_recorded(struct buf *out);

/* Appends the names of those that were removed, "HWLOC_SYNTHETIC, LD_PRELOAD". */
void environment_add_removed(struct buf *out);

#endif
