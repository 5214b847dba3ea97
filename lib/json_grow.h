/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Building JSON so that memory that runs out is noticed once, at the end: what could not be added
 * to makes the whole NULL, which all of jansson's functions take and hand on.
 */
#ifndef NB_GROW_JSON_H
#define NB_GROW_JSON_H

#include <jansson.h>

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
