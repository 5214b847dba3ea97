/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/facts.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hash.h"
#include "lib/printable.h"

enum { FACTS_FEW = 64 };

/* The slot of a key, or the empty one where it belongs. There are slots. */
static size_t *find_slot(const struct facts *f, const char *key)
{
	size_t at = (size_t)hash_bytes(HASH_START, key, strlen(key));

	for (;; at++) {
		size_t *slot = &f->slot[at & (f->slots - 1)];

		if (!*slot || strcmp(f->item[*slot - 1].key, key) == 0)
			return slot;
	}
}

static struct fact *find(const struct facts *f, const char *key)
{
	const size_t *slot = f->slots ? find_slot(f, key) : NULL;

	return slot && *slot ? &f->item[*slot - 1] : NULL;
}

/* Makes room for one more. A run of many rounds has tens of thousands. */
static bool grow(struct facts *f)
{
	size_t slots = f->slots ? 2 * f->slots : FACTS_FEW;
	struct fact *item;
	size_t *slot;

	if (f->item && 2 * (f->count + 1) <= f->slots)
		return true;
	slot = calloc(slots, sizeof(*slot));
	item = slot ? realloc(f->item, slots / 2 * sizeof(*item)) : NULL;
	if (!item) {
		free(slot);
		return false;
	}
	free(f->slot);
	f->item = item;
	f->slot = slot;
	f->slots = slots;
	for (size_t i = 0; i < f->count; i++)
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage) there is one for each */
		*find_slot(f, item[i].key) = i + 1;
	return true;
}

static struct fact *append(struct facts *f, const char *key)
{
	struct fact *item;
	char *copy;

	if (!grow(f) || !(copy = strdup(key)))
		return NULL;
	*find_slot(f, key) = f->count + 1;
	item = &f->item[f->count++];
	*item = (struct fact){.key = copy};
	return item;
}

void facts_set(struct facts *f, const char *key, const char *fmt, ...)
{
	struct fact *item = find(f, key);
	char *value;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&value, fmt, ap);
	va_end(ap);
	if (len < 0) {
		f->failed = true;
		return;
	}
	for (char *c = value; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	printable(value);
	if (!item)
		item = append(f, key);
	if (!item) {
		free(value);
		f->failed = true;
		return;
	}
	free(item->value);
	item->value = value;
}

const char *facts_get(const struct facts *f, const char *key)
{
	const struct fact *item = find(f, key);

	return item ? item->value : NULL;
}

void facts_release(struct facts *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->item[i].key);
		free(f->item[i].value);
	}
	free(f->item);
	free(f->slot);
	*f = (struct facts)FACTS_INIT;
}
