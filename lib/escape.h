/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Data inside of XML and HTML.
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

#endif
