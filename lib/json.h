/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * JSON, in a header of its own so that nestkernel does without jansson. Words and paths, which may
 * be no UTF-8, are written as utf8_escape has it and read back to the same bytes. Memory that runs
 * out is noticed once, at the end: what could not be added to makes the whole NULL, which all of
 * jansson's functions take and pass on.
 */
#ifndef NB_JSON_H
#define NB_JSON_H

#include <jansson.h>
#include <string.h>

#include "lib/utf8.h"

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

/* Adds a member and returns the object, or releases both and returns NULL. */
static inline json_t *json_with(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* Appends an item and returns the array, or releases both and returns NULL. */
static inline json_t *json_and(json_t *array, json_t *item)
{
	if (json_array_append_new(array, item) == 0)
		return array;
	json_decref(array);
	return NULL;
}

#endif
