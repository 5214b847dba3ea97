/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data inside of XML, HTML and what else marks text up.
 */
#ifndef NB_ESCAPE_H
#define NB_ESCAPE_H

#include "lib/buf.h"

/*
 * Appends text so that it can neither end nor begin anything, in an attribute as in contents. Only
 * the five signs of markup are changed: what else must not be there (control characters, bytes that
 * are no UTF-8) is printable()'s (printable.h), or refused by utf8_check() (utf8.h).
 */
void escape_xml(struct buf *out, const char *text);

/* Appends text with a backslash in front of each of the special bytes. */
void escape_backslash(struct buf *out, const char *text, const char *special);

/* What Markdown, or HTML within it, takes for its own in a cell of a table. */
#define ESCAPE_MARKDOWN "\\`*_{}[]<>|#~&"

#endif
