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
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/printable.h"
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

/* A text for people, which others may have written, as printable() leaves it; of NULL, null. */
static inline json_t *json_text(const char *text)
{
	char *copy = text ? strdup(text) : NULL;
	json_t *value = !text ? json_null() : copy ? json_string(printable(copy)) : NULL;

	free(copy);
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

/* JSON has no NaN and no infinity: null. */
static inline json_t *json_real_or_null(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

/* Appends the text of root, which it takes, in lines. -1 when memory ran out, for a root of NULL
 * too. */
static inline int json_write(json_t *root, struct buf *out, struct err *err)
{
	char *text = root ? json_dumps(root, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;

	json_decref(root);
	if (!text)
		return err_set(err, EXIT_INTERNAL, "out of memory for JSON");
	buf_addf(out, "%s\n", text);
	free(text);
	return buf_check(out, err);
}

/*
 * Appends what a command prints with --json, and all that it prints on stdout then: one object that
 * begins with "schema", "nestbench-NAME", and "version", and goes on with members, an object, which
 * it takes. doc/schema/NAME.schema.json describes it, and tests/bench/schemas validates it; what
 * all of them have in common is in doc/schema/common.schema.json:
 *
 * - Numbers are numbers, in the unit that their name ends in (_ns, _s, _bytes, _percent; _share is
 *   a fraction, 0.05 for 5 %), or that the member "unit" beside them says; yes and no are booleans.
 * - What is not known is null, and its member is there all the same.
 * - An estimate with its interval is {"mid": …, "low": …, "high": …}, see estimate_json().
 * - A layer is its name as summary prints it, "L2" or "L2:xen/pv".
 * - Members have an order, that of the text, which does not change.
 *
 * The version goes up when a member goes away or comes to mean another thing; readers ignore what
 * they do not know. What went wrong is said on stderr, and by the exit code, as without --json.
 */
static inline int json_write_answer(const char *name, int version, json_t *members, struct buf *out,
				    struct err *err)
{
	json_t *root = json_with(json_object(), "schema", json_sprintf("nestbench-%s", name));

	root = json_with(root, "version", json_integer(version));
	if (root && json_object_update(root, members) < 0) {
		json_decref(root);
		root = NULL;
	}
	json_decref(members);
	return json_write(root, out, err);
}

#endif
