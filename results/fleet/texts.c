/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/fleet/texts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/hash.h"

/* Where a text is, or would be. */
static size_t place_of(const struct fleet_texts *n, const char *text)
{
	size_t i = hash_bytes(HASH_START, text, strlen(text)) % n->slots;

	while (n->slot[i] && strcmp(n->text[n->slot[i] - 1], text) != 0)
		i = (i + 1) % n->slots;
	return i;
}

static bool grow(struct fleet_texts *n)
{
	size_t slots = n->slots ? 2 * n->slots : 64, *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return false;
	free(n->slot);
	n->slot = slot;
	n->slots = slots;
	for (size_t i = 0; i < n->count; i++)
		n->slot[place_of(n, n->text[i])] = i + 1;
	return true;
}

uint32_t fleet_texts_find(const struct fleet_texts *n, const char *text)
{
	size_t known = n->slots ? n->slot[place_of(n, text)] : 0;

	return known ? (uint32_t)(known - 1) : UINT32_MAX;
}

int fleet_texts_add(struct fleet_texts *n, const char *text, uint32_t *number, struct err *err)
{
	char **grown;

	*number = fleet_texts_find(n, text);
	if (*number != UINT32_MAX)
		return 0;
	if (2 * (n->count + 1) > n->slots && !grow(n))
		goto fail;
	grown = array_grow(n->text, n->count, sizeof(*grown));
	if (!grown)
		goto fail;
	n->text = grown;
	n->text[n->count] = strdup(text);
	if (!n->text[n->count])
		goto fail;
	*number = (uint32_t)n->count;
	n->slot[place_of(n, text)] = ++n->count;
	return 0;
fail:
	return err_set(err, EXIT_INTERNAL, "out of memory after %zu texts", n->count);
}

void fleet_texts_release(struct fleet_texts *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->text[i]);
	free(n->text);
	free(n->slot);
	*n = (struct fleet_texts){0};
}
