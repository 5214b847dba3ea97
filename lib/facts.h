/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Facts about a layer: an ordered list of keys and values, which become rows of layers.csv.
 * Collectors add what they find; a thing that cannot be found is simply not added.
 */
#ifndef NB_FACTS_H
#define NB_FACTS_H

#include <stdbool.h>
#include <stddef.h>

struct fact {
	char *key;   /* lower case, digits, '_' and '.' */
	char *value; /* one line */
};

struct facts {
	struct fact *item;
	size_t count;
	bool failed; /* memory ran out and something is missing */
	/* Where to look for a key (open addressing): the index in item plus 1; 0: nothing there. */
	size_t *slot;
	size_t slots; /* a power of two, at least twice the count */
};

#define FACTS_INIT                                                                                 \
	{                                                                                          \
		0                                                                                  \
	}

/* Adds a fact; a key that is already there gets the new value. Control characters become spaces;
 * see also printable.h. */
void facts_set(struct facts *f, const char *key, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The value of a key, or NULL. Owned by f. */
const char *facts_get(const struct facts *f, const char *key);

void facts_release(struct facts *f);

#endif
