/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a mistyped word may have meant: the candidate that takes the fewest insertions,
 * deletions, changes and swaps of neighbours (Damerau, Communications of the ACM 7 (1964), as
 * optimal string alignment), case aside. The part of a candidate behind a point counts as well
 * ("fork" is near "cpu.fork"), and so does its beginning. A candidate that is too far is none.
 */
#ifndef NB_NEAREST_H
#define NB_NEAREST_H

#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"

enum { NEAREST_WORD = 48, NEAREST_TEXT = 128 };

struct nearest {
	char word[NEAREST_WORD]; /* "": too long to be mistyped */
	const char *best;	 /* borrowed; NULL: none is near */
	size_t distance;	 /* of the best */
};

/* The first len bytes of word are what was found. */
void nearest_init(struct nearest *n, const char *word, size_t len);

/* One that there is; it must outlive n. Of several that are equally near the first counts. */
void nearest_offer(struct nearest *n, const char *candidate);

/* `BEFOREdid you mean "BEST"?AFTER`, or "" where none is near. Returns text. */
const char *nearest_hint(const struct nearest *n, const char *before, const char *after,
			 char text[NEAREST_TEXT]);

/* Appends what may stand in place of a word, of names with NULL behind the last:
 * `A, B or C (did you mean "B"?)`. */
void choice_list(const char *word, const char *const *names, struct buf *out);

/* The index of the word among the names. Else -1 with EXIT_USAGE: `WHAT: there is no "WORD":
 * expected `, and that list. */
int choice_find(const char *what, const char *word, const char *const *names, struct err *err);

#endif
