/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts in arrays of a fixed size. What does not fit is cut, never in the middle of a UTF-8
 * character; the text always ends with a NUL. Where a cut would change the meaning, the caller
 * checks the length first. A text without a bound is a struct buf (buf.h).
 */
#ifndef NB_STR_H
#define NB_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* Copies from into to, which has room for size bytes (at least one). The two do not overlap.
 * Returns to. */
char *str_copy(char *to, size_t size, const char *from);

/* Appends to text, a string in an array of size bytes. No argument lies in text. */
void str_addf(char *text, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void str_vaddf(char *text, size_t size, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* The line behind the first one of text; NULL: there is none. */
const char *str_next_line(const char *text);

/* The lines that say something, of those that are wanted (NULL: all), in one with "; " between
 * them; what does not fit is cut. */
void str_join_lines(const char *text, bool (*wanted)(const char *line, size_t len), char *joined,
		    size_t size);

/* Copies the last line that says something, without its end; "": there is none. */
void str_last_line(const char *text, char *line, size_t size);

/* Whether text is one of these, NULL behind the last. */
bool str_is_one_of(const char *text, const char *const *names);

/* Whether text fits one of these patterns of fnmatch, NULL behind the last; no patterns, or NULL:
 * it does. */
bool str_fits_any(const char *text, const char *const *globs);

#endif
