/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What completion offers for the word at the cursor. */
#ifndef NB_OFFERS_H
#define NB_OFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/commands/command.h"
#include "lib/buf.h"

/* Who finds the rest of the word. */
enum offers_by {
	OFFERS_WORDS, /* we: each line of `lines` is a whole word */
	OFFERS_PATHS, /* we, and the words are paths */
	OFFERS_FILES, /* the shell: it completes the names of files */
	OFFERS_DIRS,  /* the shell: the names of directories */
};

struct offers {
	const struct command *table; /* borrowed: all commands */
	const char *word;	     /* borrowed: what stands at the cursor, unquoted */
	size_t before;		     /* so many of its bytes stay: "--out=" */
	enum offers_by by;
	struct buf lines; /* "WORD\tHELP\n" */
};

/* A line is a line, and help begins at its tab: no word with control characters can be offered. */
bool offers_can_hold(const char *word);

/* What the user typed of the part behind `before`. */
const char *offers_typed(const struct offers *o);

/* Offers what stays with "text" + "tail" behind it, where what was typed is a beginning of that;
 * help may be NULL. */
void offers_add(struct offers *o, const char *text, const char *tail, const char *help);

/* Of a NULL-terminated table. */
void offers_add_choices(struct offers *o, const char *const *choices);

void offers_release(struct offers *o);

#endif
