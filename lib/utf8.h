/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters in UTF-8.
 */
#ifndef NB_UTF8_H
#define NB_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The character that text, NUL-terminated, begins with. Returns its length in bytes, 0 when it
 * begins with no UTF-8. */
size_t utf8_char(const char *text, uint32_t *code);

/* The byte-order mark that data may begin with, which says nothing: its length, 3 or 0. */
size_t utf8_bom(const char *data, size_t len);

#endif
