/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The environment of all layers side by side, what differs first. */
#include "plots/report/report_parts.h"

#include <string.h>

#include "lib/parse.h"
#include "results/rundir/disturbed.h"

/* The value in the first boot that says it; *varies when another boot says otherwise. */
static const char *find_value(const struct layers *layers, uint32_t layer, const char *key,
			      bool *varies)
{
	const char *found = NULL;

	*varies = false;
	for (size_t i = 0; i < layers->count; i++) {
		const struct layer_facts *item = &layers->item[i];
		const char *value = item->layer == layer ? facts_get(&item->facts, key) : NULL;

		if (found && value && strcmp(found, value) != 0)
			*varies = true;
		if (!found)
			found = value;
	}
	return found;
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

/* Times and sizes as people read them, the rest as it is. */
static void add_value(struct grid *g, const char *key, const char *value, bool varies)
{
	char size[SIZE_TEXT];
	struct err err;
	double number;
	const char *shown = value;

	if (parse_double(value, key, 0, 1e18, &number, &err) == 0) {
		if (ends_in(key, "_ns"))
			shown = format_duration_short(number, size);
		else if (ends_in(key, "_bytes"))
			shown = format_size_short((uint64_t)number, size);
	}
	grid_addf(g, "%s%s", shown, varies ? " (differs between boots)" : "");
}

/* Whether the layers disagree; those that say nothing are not asked. */
static bool differs(const struct layers *layers, uint32_t count, const char *key)
{
	const char *first = NULL;
	bool varies;

	for (uint32_t k = 0; k < count; k++) {
		const char *value = find_value(layers, k, key, &varies);

		if (varies || (first && value && strcmp(first, value) != 0))
			return true;
		first = first ? first : value;
	}
	return false;
}

/* All keys, in the order in which they were first said; the values are nothing. */
static struct facts list_keys(const struct layers *layers)
{
	struct facts keys = FACTS_INIT;

	for (size_t i = 0; i < layers->count; i++)
		for (size_t k = 0; k < layers->item[i].facts.count; k++) {
			const char *key = layers->item[i].facts.item[k].key;

			/* What is said of single rounds is no environment. */
			if (!disturbed_is_key(key))
				facts_set(&keys, key, "%s", "");
		}
	return keys;
}

static void add_table(struct doc *d, const struct summary *s, const struct facts *keys,
		      bool differing)
{
	struct grid g = {0};
	bool varies;

	grid_layers(&g, s, "", 0, NULL);
	for (size_t i = 0; i < keys->count; i++) {
		const char *key = keys->item[i].key;
		const char *ground = find_value(&s->facts, 0, key, &varies);

		if (differs(&s->facts, s->layers, key) != differing)
			continue;
		grid_add(&g, key);
		for (uint32_t k = 0; k < s->layers; k++) {
			const char *value = find_value(&s->facts, k, key, &varies);

			if (value)
				add_value(&g, key, value, varies);
			else
				grid_add(&g, "–");
			if (value && ground && k && strcmp(value, ground) != 0)
				grid_mark(&g);
		}
	}
	doc_grid(d, &g,
		 differing ? "What differs between the layers; what is not as in L0 stands out"
			   : "What is the same wherever it is said",
		 true);
}

void report_environment(struct doc *d, const struct report *r)
{
	struct facts keys = list_keys(&r->s->facts);

	d->out.failed |= keys.failed;
	if (keys.count == 0)
		doc_text(d, NULL,
			 "This run says nothing about its layers: " LAYERS_FILE
			 " is missing or empty.");
	else {
		add_table(d, r->s, &keys, true);
		doc_fold_begin(d, "What is the same in every layer, or said of one only");
		add_table(d, r->s, &keys, false);
		doc_fold_end(d);
	}
	facts_release(&keys);
}
