/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/disturbed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"

#define PREFIX "round."

const char *disturbed_key(char key[DISTURBED_KEY], uint32_t round, const char *what)
{
	snprintf(key, DISTURBED_KEY, PREFIX "%" PRIu32 ".%s", round, what);
	return key;
}

/* The number in a key; 0: it is none. *what is what follows it. */
static uint32_t round_of(const char *key, const char **what)
{
	unsigned long round;
	char *end;

	if (strncmp(key, PREFIX, strlen(PREFIX)) != 0 || key[strlen(PREFIX)] < '1' ||
	    key[strlen(PREFIX)] > '9')
		return 0;
	round = strtoul(key + strlen(PREFIX), &end, 10);
	if (*end != '.' || round > INT32_MAX)
		return 0;
	*what = end + 1;
	return (uint32_t)round;
}

bool disturbed_is_key(const char *key)
{
	const char *what;

	return round_of(key, &what) > 0;
}

static int compare(const void *left, const void *right)
{
	const struct disturbed_round *a = left, *b = right;

	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	return (a->round > b->round) - (a->round < b->round);
}

static int add(struct disturbed_rounds *out, uint32_t boot, uint32_t round, const char *why,
	       struct err *err)
{
	struct disturbed_round *item = array_grow(out->item, out->count, sizeof(*item));
	char *copy = item ? strdup(why) : NULL;

	out->item = item ? item : out->item;
	if (!copy)
		return err_set(err, EXIT_INTERNAL, "out of memory for disturbed rounds");
	out->item[out->count++] =
		(struct disturbed_round){.boot = boot, .round = round, .why = copy};
	return 0;
}

int disturbed_list(const struct layers *layers, struct disturbed_rounds *out, struct err *err)
{
	*out = (struct disturbed_rounds){0};
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer_facts *layer = &layers->item[i];

		for (size_t k = 0; k < layer->facts.count && layer->layer == 0; k++) {
			const struct fact *f = &layer->facts.item[k];
			const char *what;
			uint32_t round = round_of(f->key, &what);

			if (round && strcmp(what, DISTURBED_WHY) == 0 &&
			    add(out, layer->boot, round, f->value, err) < 0)
				return -1;
		}
	}
	if (out->count)
		qsort(out->item, out->count, sizeof(*out->item), compare);
	return 0;
}

const char *disturbed_why(const struct disturbed_rounds *d, uint32_t boot, uint32_t round)
{
	const struct disturbed_round key = {.boot = boot, .round = round}, *found;

	found = d->count ? bsearch(&key, d->item, d->count, sizeof(key), compare) : NULL;
	return found ? found->why : NULL;
}

void disturbed_release(struct disturbed_rounds *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->item[i].why);
	free(d->item);
	*d = (struct disturbed_rounds){0};
}
