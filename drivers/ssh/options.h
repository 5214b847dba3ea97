/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which machine a layer of kind ssh is, and how it is reached. */
#ifndef NB_SSH_OPTIONS_H
#define NB_SSH_OPTIONS_H

#include <stdbool.h>

#include "drivers/driver.h"

struct ssh_options {
	const char *host;   /* as the user wrote it: [USER@]HOST[:PORT] */
	const char *agent;  /* "auto", "small", "full" */
	const char *config; /* file for ssh -F; NULL: the user's */
	const char *dir;    /* where there a directory is made; NULL: $TMPDIR, or /tmp */
};

extern const struct option ssh_option_table[];

enum { SSH_WORD = 256 };

/* Its parts, fit for the command line of ssh. */
struct ssh_target {
	char user[SSH_WORD]; /* "": ssh decides */
	char host[SSH_WORD];
	char port[8];		/* "": ssh decides */
	char who[SSH_WORD + 8]; /* in sentences: "ssh to HOST" */
};

/* [USER@]HOST[:PORT]. EXIT_USAGE. */
int ssh_target_read(const char *text, struct ssh_target *to, struct err *err);

/* Whether a path there is one that every shell takes as it stands. */
bool ssh_path_is_plain(const char *path);

/* Reads and checks the options of a layer. EXIT_USAGE. */
int ssh_options_read(const struct layer_spec *spec, struct ssh_options *o, struct ssh_target *to,
		     struct err *err);

/* Whether the agent that can start layers is sent. */
bool ssh_sends_full(const struct ssh_options *o, const struct layer_spec *spec);

/*
 * The beginning of every command line of ssh: its options, and the host. Borrows from both; NULL
 * behind the last.
 */
enum { SSH_ARGS = 40 };
void ssh_arguments(const struct ssh_options *o, const struct ssh_target *to, const char *command,
		   const char *argv[SSH_ARGS]);

#endif
