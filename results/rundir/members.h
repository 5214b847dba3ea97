/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Members of JSON objects that lie in structs: one table of them both writes and reads a file.
 * What is read may come from anyone: every text, number and list has a bound, and what is wrong is
 * an EXIT_USAGE that names the member, what it is, and what was expected.
 */
#ifndef NB_MEMBERS_H
#define NB_MEMBERS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

/* place is where the member lies in the struct. save returns NULL when memory runs out. */
struct member {
	const char *name; /* NULL ends a table */
	json_t *(*save)(const struct member *member, const void *place);
	int (*load)(const json_t *value, const struct member *member, void *place, struct err *err);
	size_t offset, size;
	uint64_t limit; /* the largest number, or how many there may be */
	const char *meaning;
};

/* The place and the size of a member of a struct, in a table. */
#define MEMBER_AT(type, member) offsetof(type, member), sizeof(((type *)NULL)->member)

/* An object of all that the table names; NULL: memory ran out. */
json_t *members_save(const struct member *members, const void *from);

/* What the table names, of an object. */
int members_load(const json_t *object, const struct member *members, void *into, struct err *err);

/* The object that a text of len bytes is; name stands in for its file in errors. NULL with an
 * err. The caller releases it. */
json_t *members_read(const char *name, const char *text, size_t len, struct err *err);

/* Writes root, which it takes, whole or not at all, as the user's own file. NULL: memory ran out.
 */
int members_write(const char *path, json_t *root, struct err *err);

/* Fills *err: `"NAME" is VALUE instead of EXPECTED`. -1. */
int member_wrong(const char *name, const json_t *value, const char *expected, struct err *err);

/* A line of text, in an array of char. */
json_t *member_save_text(const struct member *member, const void *place);
int member_load_text(const json_t *value, const struct member *member, void *place,
		     struct err *err);

/* A uint32_t or uint64_t, as the size says. */
json_t *member_save_number(const struct member *member, const void *place);
int member_load_number(const json_t *value, const struct member *member, void *place,
		       struct err *err);

/* Words of any bytes: a char ** with NULL behind the last, or NULL for none (see
 * member_words_free). */
json_t *member_save_words(const struct member *member, const void *place);
int member_load_words(const json_t *value, const struct member *member, void *place,
		      struct err *err);

/* A copy of words; NULL when memory runs out. The caller frees it by member_words_free(), which
 * takes NULL. */
char **member_words_copy(const char *const words[]);
void member_words_free(char **words);

#endif
