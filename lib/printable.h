/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Texts that others wrote (guests, files, programs) and that end on a terminal.
 */
#ifndef NB_PRINTABLE_H
#define NB_PRINTABLE_H

#include <stdbool.h>

/*
 * Replaces, in place, every byte of what could do more than stand in a line by '?': control
 * characters, those of C1 (U+0080 to U+009F, where a terminal may find an escape) and of text
 * direction included, and what is no UTF-8. Returns text.
 */
char *printable(char *text);

/* A line on stdout, as printable() leaves it, for paths that users and scripts read. */
void printable_puts(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Whether printable() would leave it as it is. */
bool is_printable(const char *text);

#endif
