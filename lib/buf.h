/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A growing string. Appending never fails loudly: when memory runs out the buf is marked `failed`
 * and stays usable, so a function that builds a text checks once, at the end, with buf_check().
 */
#ifndef NB_BUF_H
#define NB_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"

struct buf {
	char *data; /* NUL-terminated once anything was appended; NULL before */
	size_t len;
	size_t cap;
	bool failed;
};

#define BUF_INIT                                                                                   \
	{                                                                                          \
		0                                                                                  \
	}

void buf_add(struct buf *b, const void *data, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

/* The text as a string, "" when nothing was appended. Owned by the buf. */
const char *buf_str(const struct buf *b);

/* 0, or -1 with "out of memory" when an append had failed. */
int buf_check(const struct buf *b, struct err *err);

/* Writes the text to a stream, or nothing of it and -1 when an append had failed: half a table is
 * no answer. Whether the stream took it is found when it is flushed (streams.h). */
int buf_print(const struct buf *b, FILE *to, struct err *err);

/* Hands the text to the caller, who frees it, and empties the buf. NULL when an append had failed.
 */
char *buf_take(struct buf *b);

void buf_clear(struct buf *b);	 /* empties, keeps the memory, and the mark of a failure */
void buf_release(struct buf *b); /* frees; an empty buf is fine */

/* Releases a text that went into another one, whose failure its own becomes. */
void buf_done(struct buf *part, struct buf *whole);

#endif
