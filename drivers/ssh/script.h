/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the other machine runs: a shell script in one command line, which takes the files, starts
 * the agent with the stream as its stdin and stdout, and removes everything behind it, whatever
 * happened. It says, each in a line behind TALK_MARK:
 *
 *   fail WORD DETAIL   it cannot go on: see complaint.c
 *   uuid TEXT          of the machine (DMI), where the user may read it
 *   virtual            the machine is a VM
 *   dir PATH           of the directory; the tar stream is waited for
 *   ready              the agent is started
 */
#ifndef NB_SSH_SCRIPT_H
#define NB_SSH_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/buf.h"

struct script {
	const char *dir;	/* where a directory is made; NULL: $TMPDIR there, or /tmp */
	uint64_t bytes;		/* of the tar stream */
	unsigned limit_s;	/* for the stream to come */
	uint64_t scratch_bytes; /* of a file made for io kernels; 0: none */
	bool full;		/* libraries that are lacking there are taken from what was sent */
	const char *agent;	/* command in the directory, words without quotes */
};

/* Appends the command line for whatever shell the user has there. */
void script_add(const struct script *s, struct buf *out);

/*
 * The same for a machine on which nestbench itself is to run. The files lie in a directory that
 * both machines share, if its file SCRIPT_PROBE holds the token there too; else they are taken as
 * above. Either way they are those whose sums (`sha256sum -c`) are in their file SCRIPT_SUMS. Says
 * fail as above, and ready, and:
 *
 *   shared             "use" and two blanks are waited for; the files are complete by then
 *   dir PATH           "copy", a blank and the tar stream are waited for
 */
#define SCRIPT_PROBE "probe"
#define SCRIPT_SUMS "SHA256SUMS"
struct script_node {
	const char *dir;     /* as above */
	const char *shared;  /* a plain path (ssh_path_is_plain); NULL: not to be tried */
	const char *token;   /* letters and digits, at most 64 */
	const char *sums;    /* SHA-256 of the file of the sums */
	uint64_t bytes;	     /* of the tar stream, which holds that file too */
	unsigned limit_s;    /* for the stream to come */
	const char *command; /* the name of a file that was sent, and words without quotes */
};
void script_add_node(const struct script_node *s, struct buf *out);

/*
 * The same for a look at whether that would work, without files. Says fail as above, and:
 *
 *   machine TEXT             its system and kernel
 *   free KIBIBYTES           in the place of the directory
 *   has TEXT, lacks TEXT     of what layers there may need; only with full
 */
void script_add_look(const char *dir, bool full, struct buf *out);

#endif
