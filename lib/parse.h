/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Strict, bounded parsing of what people and files say. `what` names the thing in the error
 * ("--rounds", "samples.csv:7: ops"); the whole text must fit the form, no sign, no spaces.
 */
#ifndef NB_PARSE_H
#define NB_PARSE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/* A decimal whole number from min to max. Errors carry EXIT_USAGE, here and below. */
int parse_u64(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
	      struct err *err);

/* Bytes: a whole number, alone or with KiB, MiB, GiB or TiB. */
int parse_size(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
	       struct err *err);

/* A time with its unit: ns, us, ms, s, m or h ("50ms", "10m"). */
int parse_duration_ns(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
		      struct err *err);

/* A finite decimal number (strtod's decimal forms; no hexadecimal, no inf, no nan). */
int parse_double(const char *text, const char *what, double min, double max, double *out,
		 struct err *err);

/* A share with its sign: "2.5%" is 0.025. min and max are per cent. */
int parse_percent(const char *text, const char *what, double min, double max, double *out,
		  struct err *err);

/* The shortest exact form that parse_size reads back ("64MiB", "1536"). Returns text. */
enum { SIZE_TEXT = 32 };
const char *format_size(uint64_t bytes, char text[SIZE_TEXT]);

/* A short form for people, three digits or so ("1.5 GiB", "13.2 ms"). Returns text. */
const char *format_size_short(uint64_t bytes, char text[SIZE_TEXT]);
const char *format_duration_short(double ns, char text[SIZE_TEXT]);

/* Does a name fit a pattern: one that ends or begins in '*' fits all that begin or end so? */
bool parse_matches(const char *pattern, const char *name);

/* Is word one of the words of text, up to end (NULL: all of it)? Blanks are between them. */
bool parse_has_word(const char *text, const char *end, const char *word);

#endif
