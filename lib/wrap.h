/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for a terminal, in UTF-8. */
#ifndef NB_WRAP_H
#define NB_WRAP_H

#include <stddef.h>

#include "lib/buf.h"

/* Columns that a text takes, one per character. */
size_t text_columns(const char *text);

/* How many bytes of it fit into so many columns. */
size_t text_fit(const char *text, size_t columns);

/*
 * Appends words, broken into lines of at most `width` columns; the first starts with `first`, the
 * others with as many blanks.
 */
void text_wrap(struct buf *out, const char *first, const char *words, size_t width);
void text_wrapf(struct buf *out, const char *first, size_t width, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Appends a text of several lines, broken anew: lines that begin with a blank and empty ones stay
 * as they are, those between them are one paragraph. A newline is at its end.
 */
void text_reflow(struct buf *out, const char *text, size_t width);

#endif
