/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/base/facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/printable.h"

static struct fact *find(const struct facts *f, const char *key)
{
	for (size_t i = 0; i < f->count; i++)
		if (strcmp(f->item[i].key, key) == 0)
			return &f->item[i];
	return NULL;
}

static struct fact *append(struct facts *f, const char *key)
{
	struct fact *item = realloc(f->item, (f->count + 1) * sizeof(*item));

	if (!item)
		return NULL;
	f->item = item;
	item += f->count;
	*item = (struct fact){.key = strdup(key)};
	if (!item->key)
		return NULL;
	f->count++;
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
	*f = (struct facts)FACTS_INIT;
}
