/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters in UTF-8, text that must be UTF-8 (JSON, XML), and names of files, which are any bytes
 * on Linux.
 */
#ifndef NB_UTF8_H
#define NB_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

/* The character that text, NUL-terminated, begins with. Returns its length in bytes, 0 when it
 * begins with no UTF-8. */
size_t utf8_char(const char *text, uint32_t *code);

/* The byte-order mark that data may begin with, which says nothing: its length, 3 or 0. */
size_t utf8_bom(const char *data, size_t len);

/* EXIT_USAGE when text is not UTF-8 or holds a control character: "WHAT: byte 7 is \xff, …". */
int utf8_check(const char *text, const char *what, struct err *err);

/*
 * The one way to write any bytes as UTF-8, without loss: a byte that belongs to no character
 * becomes \xNN (two lower-case hexadecimal digits), and so does a backslash in front of what would
 * read as such (\x5c). All else stays as it is. utf8_unescape turns that back, in place, and
 * returns text.
 */
void utf8_escape(struct buf *out, const char *text);
char *utf8_unescape(char *text);

#endif
