/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * `nestbench help`: the commands in their groups, the help of one command, short texts about
 * topics, and what there is to do first. All are made of the tables of the programs.
 */
#ifndef NB_HELP_H
#define NB_HELP_H

#include <stddef.h>

#include "lib/buf.h"
#include "lib/options.h"

struct topic {
	const char *name, *summary;
	/* Appends the text in so many columns. */
	void (*add)(size_t width, struct buf *out);
};

/* All of them; one without a name ends the table. */
extern const struct topic topics[];

/* What there is in a run directory, and elsewhere; one without a name ends each table. */
struct help_file {
	const char *name, *what;
};
extern const struct help_file help_run_files[], help_user_files[];

/* It is no row of the commands, which it prints. As a command_fn. */
extern const struct cli cli_help;
int cmd_help(int argc, char **argv, struct err *err);

/* Appends the list of commands and topics, for stdout or stderr. */
void help_overview(int fd, struct buf *out);

/* Appends, for a terminal at stdout, what people do first in the working directory, of which the
 * newest run is looked at. */
void help_first(struct buf *out);

#endif
