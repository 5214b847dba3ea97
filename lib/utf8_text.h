/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text that must be UTF-8 (JSON, XML), and names of files, which are any bytes on Linux.
 */
#ifndef NB_UTF8_TEXT_H
#define NB_UTF8_TEXT_H

#include "lib/buf.h"
#include "lib/err.h"

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
