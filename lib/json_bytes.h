/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words and paths in JSON, which holds UTF-8 only: written as utf8_escape has it, read back to the
 * same bytes. In a header of its own, so that nestkernel does without jansson.
 */
#ifndef NB_JSON_BYTES_H
#define NB_JSON_BYTES_H

#include <jansson.h>
#include <string.h>

#include "lib/utf8_text.h"

/* NULL when memory runs out. */
static inline json_t *json_bytes(const char *text)
{
	struct buf escaped = BUF_INIT;
	json_t *value;

	utf8_escape(&escaped, text);
	value = escaped.failed ? NULL : json_string(buf_str(&escaped));
	buf_release(&escaped);
	return value;
}

/* The bytes, which the caller frees; NULL when value is no text, or memory runs out. */
static inline char *json_bytes_value(const json_t *value)
{
	char *text = json_is_string(value) ? strdup(json_string_value(value)) : NULL;

	return text ? utf8_unescape(text) : NULL;
}

#endif
