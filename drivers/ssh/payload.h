/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that are sent, as one tar stream (POSIX.1-1988, ustar). */
#ifndef NB_SSH_PAYLOAD_H
#define NB_SSH_PAYLOAD_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"

enum { PAYLOAD_MAX = 64, PAYLOAD_NAME = 100 };

struct payload {
	struct payload_file {
		char path[PATH_MAX];	 /* here */
		char name[PAYLOAD_NAME]; /* there */
		uint64_t size;
		mode_t mode;
	} file[PAYLOAD_MAX];
	size_t count;
};

/* Adds the file as it is now. EXIT_MACHINE where it cannot be read. */
int payload_add(struct payload *p, const char *path, const char *name, struct err *err);

/* Of the whole stream. */
uint64_t payload_bytes(const struct payload *p);

/* Hands the stream out in pieces; -1 of put, with an err, ends it. A file that changed meanwhile is
 * an error, EXIT_MACHINE. */
typedef int (*payload_put)(void *ctx, const void *data, size_t len, struct err *err);
int payload_send(const struct payload *p, payload_put put, void *ctx, struct err *err);

/* The same in parts, for more files than a payload holds: each file, and at last the end. */
int payload_send_file(const struct payload_file *f, payload_put put, void *ctx, struct err *err);
int payload_send_end(payload_put put, void *ctx, struct err *err);

#endif
