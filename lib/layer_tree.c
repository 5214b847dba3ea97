/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/layer_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void layer_tree_chain(struct layer_tree *t, uint32_t count)
{
	t->count = 0;
	for (uint32_t i = 0; i < count; i++)
		layer_tree_add(t, i ? i - 1 : LAYER_NO_PARENT, "");
}

uint32_t layer_tree_add(struct layer_tree *t, uint32_t parent, const char *path)
{
	struct layer_node *node;

	if (t->count == LAYERS_MAX || (parent != LAYER_NO_PARENT && parent >= t->count))
		return LAYERS_MAX;
	node = &t->layer[t->count];
	node->parent = parent;
	node->depth = parent == LAYER_NO_PARENT ? 0 : t->layer[parent].depth + 1;
	if (t->count && !layer_tree_is_in(t, parent, 0))
		snprintf(node->name, sizeof(node->name), "%s", path);
	else
		snprintf(node->name, sizeof(node->name), "L%" PRIu32 "%s%s", node->depth,
			 path[0] ? ":" : "", path);
	return t->count++;
}

bool layer_tree_is_chain(const struct layer_tree *t)
{
	for (uint32_t i = 1; i < t->count; i++)
		if (t->layer[i].parent != i - 1)
			return false;
	return true;
}

bool layer_tree_is_in(const struct layer_tree *t, uint32_t layer, uint32_t outer)
{
	while (layer != outer && layer < t->count)
		layer = t->layer[layer].parent;
	return layer == outer;
}

uint64_t layer_tree_way(const struct layer_tree *t, uint32_t layer)
{
	uint64_t way = 0;

	_Static_assert(LAYERS_MAX <= 64, "a bit for each layer");
	for (; layer < t->count; layer = t->layer[layer].parent)
		way |= UINT64_C(1) << layer;
	return way;
}

bool layer_tree_is_leaf(const struct layer_tree *t, uint32_t layer)
{
	for (uint32_t i = layer + 1; i < t->count; i++)
		if (t->layer[i].parent == layer)
			return false;
	return true;
}

uint32_t layer_tree_depth(const struct layer_tree *t)
{
	uint32_t depth = 0;

	for (uint32_t i = 0; i < t->count; i++)
		if (t->layer[i].depth > depth)
			depth = t->layer[i].depth;
	return depth;
}

uint32_t layer_tree_find(const struct layer_tree *t, const char *name)
{
	uint32_t i = 0;

	while (i < t->count && strcmp(t->layer[i].name, name) != 0)
		i++;
	return i;
}
