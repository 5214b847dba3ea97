/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/members.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/json.h"
#include "lib/str.h"
#include "lib/utf8.h"

/* text holds zeros; jansson leaves them behind what fits. */
static const char *show(const json_t *value, char text[80])
{
	enum { SHOWN = 60 };
	size_t len = json_dumpb(value, text, SHOWN, JSON_ENCODE_ANY | JSON_ENSURE_ASCII);

	if (!value || len == 0)
		return value ? "something else" : "missing";
	if (len > SHOWN)
		str_addf(text, 80, " ...");
	return text;
}

int member_wrong(const char *name, const json_t *value, const char *expected, struct err *err)
{
	char text[80] = "";

	return err_set(err, EXIT_USAGE, "\"%s\" is %s instead of %s", name, show(value, text),
		       expected);
}

json_t *members_save(const struct member *members, const void *from)
{
	json_t *root = json_object();

	for (const struct member *one = members; one->name; one++)
		root = json_with(root, one->name, one->save(one, (const char *)from + one->offset));
	return root;
}

int members_load(const json_t *object, const struct member *members, void *into, struct err *err)
{
	for (const struct member *one = members; one->name; one++)
		if (one->load(json_object_get(object, one->name), one, (char *)into + one->offset,
			      err) < 0)
			return -1;
	return 0;
}

json_t *members_read(const char *name, const char *text, size_t len, struct err *err)
{
	json_error_t trouble;
	size_t bom = utf8_bom(text, len);
	json_t *root = json_loadb(text + bom, len - bom, JSON_REJECT_DUPLICATES, &trouble);

	if (json_is_object(root))
		return root;
	if (root)
		err_set(err, EXIT_USAGE, "%s: not a JSON object", name);
	else if (json_error_code(&trouble) == json_error_out_of_memory)
		err_set(err, EXIT_INTERNAL, "out of memory while reading %s", name);
	else
		err_set(err, EXIT_USAGE, "%s:%d:%d: %s", name, trouble.line, trouble.column,
			trouble.text);
	json_decref(root);
	return NULL;
}

int members_write(const char *path, json_t *root, struct err *err)
{
	char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;
	struct buf file = BUF_INIT;
	int rc;

	if (text)
		buf_addf(&file, "%s\n", text);
	if (!text || file.failed)
		rc = err_set(err, EXIT_INTERNAL, "out of memory while writing %s", path);
	else
		rc = file_write_private(path, file.data, file.len, err);
	buf_release(&file);
	free(text);
	json_decref(root);
	return rc;
}

/* ---- each kind of member ---- */

json_t *member_save_text(const struct member *member, const void *place)
{
	return json_string(place);
}

int member_load_text(const json_t *value, const struct member *member, void *place, struct err *err)
{
	const char *text = json_string_value(value);
	char expected[64];

	snprintf(expected, sizeof(expected), "a line of text of at most %zu bytes",
		 member->size - 1);
	if (!text || json_string_length(value) >= member->size ||
	    strlen(text) != json_string_length(value))
		return member_wrong(member->name, value, expected, err);
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return member_wrong(member->name, value, expected, err);
	str_copy(place, member->size, text);
	return 0;
}

json_t *member_save_number(const struct member *member, const void *place)
{
	return json_integer(member->size == sizeof(uint64_t)
				    ? (json_int_t) * (const uint64_t *)place
				    : (json_int_t) * (const uint32_t *)place);
}

int member_load_number(const json_t *value, const struct member *member, void *place,
		       struct err *err)
{
	char expected[80];

	snprintf(expected, sizeof(expected), "a whole number from 0 to %" PRIu64, member->limit);
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (uint64_t)json_integer_value(value) > member->limit)
		return member_wrong(member->name, value, expected, err);
	if (member->size == sizeof(uint64_t))
		*(uint64_t *)place = (uint64_t)json_integer_value(value);
	else
		*(uint32_t *)place = (uint32_t)json_integer_value(value);
	return 0;
}

json_t *member_save_words(const struct member *member, const void *place)
{
	json_t *array = json_array();

	for (char *const *word = *(char **const *)place; word && *word; word++)
		array = json_and(array, json_bytes(*word));
	return array;
}

int member_load_words(const json_t *value, const struct member *member, void *place,
		      struct err *err)
{
	char **words = calloc(json_array_size(value) + 1, sizeof(*words));
	const json_t *word;
	size_t i;

	if (!words)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	*(char ***)place = words;
	if (!json_is_array(value) || json_array_size(value) > member->limit)
		return member_wrong(member->name, value, "an array of words", err);
	json_array_foreach(value, i, word)
	{
		if (!json_is_string(word))
			return member_wrong(member->name, word, "a word", err);
		words[i] = json_bytes_value(word);
		if (!words[i])
			return err_set(err, EXIT_INTERNAL, "out of memory");
	}
	return 0;
}

/* ---- words ---- */

char **member_words_copy(const char *const words[])
{
	size_t count = 0;
	char **copy;

	while (words[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++)
		if (!(copy[i] = strdup(words[i]))) {
			member_words_free(copy);
			return NULL;
		}
	return copy;
}

void member_words_free(char **words)
{
	for (char **word = words; word && *word; word++)
		free(*word);
	free(words);
}
