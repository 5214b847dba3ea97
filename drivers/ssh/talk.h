/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stream to the other machine before its agent speaks: lines of the script that prepares it,
 * and the files. What comes is untrusted: bounded, and other lines than the script's are passed
 * over.
 */
#ifndef NB_SSH_TALK_H
#define NB_SSH_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/* TALK_HEARD_MAX: of what a login prints in front of the script's lines. */
enum { TALK_LINE = 1024, TALK_HEARD_MAX = 256 << 10 };

struct talk {
	int fd; /* a non-blocking socket, borrowed */
	int cancel_fd;
	uint64_t end; /* until when, on clock_machine */
	size_t heard; /* bytes so far */
};

/* How waiting for a line, or for room, ended. */
enum talk_end { TALK_FINE, TALK_HUNG_UP, TALK_LATE, TALK_CANCELLED, TALK_NONSENSE };

/* The next line of the script without TALK_MARK and newline, cut to size; nothing behind it is
 * read. */
#define TALK_MARK "nestbench-ssh: "
enum talk_end talk_hear(struct talk *t, char line[TALK_LINE]);

enum talk_end talk_put(struct talk *t, const void *data, size_t len);

#endif
