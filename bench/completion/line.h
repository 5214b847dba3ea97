/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line as bash reads it, as far as completion needs that. */
#ifndef NB_COMPLETION_LINE_H
#define NB_COMPLETION_LINE_H

#include <stddef.h>

#include "lib/buf.h"

enum { LINE_WORDS = 512 };

struct line {
	char *text; /* the words, unquoted, each with a NUL behind it */
	const char *word[LINE_WORDS];
	size_t count;
	size_t replaced; /* where in the last word that begins which the shell puts another for */
	char quote;	 /* that is open at the end: '"', '\'', or 0 */
};

/*
 * Splits a line: quotes and backslashes are taken away, nothing is expanded. `breaks` are the
 * characters that part words for the completion of bash (COMP_WORDBREAKS) where they are not
 * quoted. The caller releases it. -1: memory ran out, or there are too many words.
 */
int line_split(struct line *l, const char *line, const char *breaks);
void line_release(struct line *l);

/* Appends a word, from `replaced` on, as the open quote, or none, wants it. */
void line_quote(const struct line *l, struct buf *out, const char *word, size_t len);

#endif
