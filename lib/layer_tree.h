/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The layers of a run: a tree, of which a chain (the machine, a VM on it, a VM in that, …) is the
 * simplest. A layer is known by its number, its place in the tree, in files and messages; people
 * read its name.
 */
#ifndef NB_LAYER_TREE_H
#define NB_LAYER_TREE_H

#include <stdbool.h>
#include <stdint.h>

enum { LAYERS_MAX = 64 /* layers 0 to 63 */, LAYER_NAME = 96 };

/* In place of a parent: the layer has none, or none that is part of the run. */
#define LAYER_NO_PARENT UINT32_MAX

struct layer_node {
	uint32_t parent; /* a lower number, or LAYER_NO_PARENT */
	uint32_t depth;	 /* 0 without a parent, else one more than the parent's */
	/* "L2" in a chain; else with its path, "L2:xen/pv". Its path alone where it is not in the
	 * first layer: it is not known how deep it is. */
	char name[LAYER_NAME];
};

/* Zeroed: no layer. The first one has no parent. */
struct layer_tree {
	uint32_t count;
	struct layer_node layer[LAYERS_MAX];
};

/* L0, L1, …: so many layers, each in the one before. */
void layer_tree_chain(struct layer_tree *t, uint32_t count);

/* Adds a layer, named by its depth and path ("" in a chain). Its number; LAYERS_MAX: there are too
 * many, or the parent is none. */
uint32_t layer_tree_add(struct layer_tree *t, uint32_t parent, const char *path);

/* Whether each layer's parent is the one before it. */
bool layer_tree_is_chain(const struct layer_tree *t);

/* Whether `layer` is `outer`, or stands in it at any depth. */
bool layer_tree_is_in(const struct layer_tree *t, uint32_t layer, uint32_t outer);

/* A layer and all that it stands in, as bits: 1 << 0 for the first layer. */
uint64_t layer_tree_way(const struct layer_tree *t, uint32_t layer);

/* Whether no layer stands in it. */
bool layer_tree_is_leaf(const struct layer_tree *t, uint32_t layer);

/* Of the deepest layer. */
uint32_t layer_tree_depth(const struct layer_tree *t);

/* The layer of this name; t->count: there is none. */
uint32_t layer_tree_find(const struct layer_tree *t, const char *name);

#endif
