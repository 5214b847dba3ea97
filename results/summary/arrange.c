/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The layers of a run: which stands in which, and which is the same in another run. */
#include "results/summary/summary_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

const char *summary_layer_name(const struct summary *s, uint32_t layer)
{
	return s->tree.layer[layer].name;
}

uint32_t summary_parent(const struct summary *s, uint32_t layer)
{
	return s->tree.layer[layer].parent;
}

uint32_t summary_first_cpu(const struct summary *s, enum layer_cpu cpu)
{
	uint32_t k = 0;

	while (k < s->layers && s->layer[k].cpu != cpu)
		k++;
	return k;
}

/* Layers that the manifest does not tell of continue a chain. In a tree it is not known where they
 * stand. */
static void add_unplanned(struct layer_tree *t, bool is_chain, uint32_t count)
{
	while (t->count < count) {
		char name[LAYER_NAME];

		snprintf(name, sizeof(name), "layer %" PRIu32, t->count);
		layer_tree_add(t, is_chain && t->count ? t->count - 1 : LAYER_NO_PARENT,
			       is_chain ? "" : name);
	}
}

static void copy_fact(const struct layers *layers, uint32_t layer, const char *key,
		      char text[MANIFEST_NAME])
{
	const char *value = layers_first(layers, layer, key);

	if (value)
		csv_printable(value, text, MANIFEST_NAME);
}

void arrange_layers(struct summary *s)
{
	struct layer_tree *t = &s->tree;
	uint32_t count = 1;

	for (size_t i = 0; i < s->entries; i++)
		count = s->entry[i].layer >= count ? s->entry[i].layer + 1 : count;
	*t = s->manifest.layers;
	for (uint32_t k = 0; k < t->count; k++)
		csv_printable(s->manifest.layers.layer[k].name, t->layer[k].name, LAYER_NAME);
	add_unplanned(t, layer_tree_is_chain(t), count);
	s->layers = t->count;
	s->is_tree = !layer_tree_is_chain(t);
	for (uint32_t k = 0; k < s->layers; k++) {
		copy_fact(&s->facts, k, "hypervisor", s->layer[k].hypervisor);
		copy_fact(&s->facts, k, "kind", s->layer[k].kind);
		copy_fact(&s->facts, k, "isolation", s->layer[k].isolation);
	}
}

/* The kinds on the way from L0, "kvm/container"; of a tree as its name says them. */
static void find_path(const struct summary *s, uint32_t layer, char path[LAYER_NAME])
{
	const char *name = summary_layer_name(s, layer), *colon = strchr(name, ':');
	uint64_t way = layer_tree_way(&s->tree, layer);

	path[0] = '\0';
	if (s->is_tree) {
		bool has_depth =
			name[0] == 'L' && colon == name + 1 + strspn(name + 1, "0123456789");

		str_copy(path, LAYER_NAME, has_depth ? colon + 1 : name);
		return;
	}
	for (uint32_t k = 1; k < s->layers; k++)
		if (way >> k & 1)
			str_addf(path, LAYER_NAME, "%s%s", k > 1 ? "/" : "",
				 s->layer[k].kind[0] ? s->layer[k].kind : "?");
}

/* Without what follows a kind: "container:lxc" becomes "container". */
static void drop_options(char path[LAYER_NAME])
{
	char *to = path;
	bool kept = true;

	for (const char *c = path; *c; c++) {
		kept = *c == '/' || (kept && *c != ':' && *c != '=');
		if (kept)
			*to++ = *c;
	}
	*to = '\0';
}

/* The only layer of s with this path; LAYER_NO_PARENT: none, or several. */
static uint32_t find_by_path(const struct summary *s, const char *wanted, bool with_options)
{
	uint32_t found = LAYER_NO_PARENT;
	char path[LAYER_NAME];

	for (uint32_t k = 0; k < s->layers; k++) {
		find_path(s, k, path);
		if (!with_options)
			drop_options(path);
		if (strcmp(path, wanted) != 0)
			continue;
		if (found != LAYER_NO_PARENT)
			return LAYER_NO_PARENT;
		found = k;
	}
	return found;
}

uint32_t summary_layer_like(const struct summary *s, uint32_t layer, const struct summary *other)
{
	char path[LAYER_NAME];
	uint32_t found;

	if (s == other || layer == 0)
		return layer;
	if (!s->is_tree && !other->is_tree)
		return layer < other->layers ? layer : LAYER_NO_PARENT;
	find_path(s, layer, path);
	found = find_by_path(other, path, true);
	if (found != LAYER_NO_PARENT)
		return found;
	drop_options(path);
	/* Two that differ by an option only are not told apart. */
	if (find_by_path(s, path, false) != layer)
		return LAYER_NO_PARENT;
	return find_by_path(other, path, false);
}
