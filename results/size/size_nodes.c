/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sizes each node of a fleet by itself. */
#include "results/size/size_fleet_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "results/fleet/nodes.h"
#include "results/fleet/state.h"

static int no_memory(struct err *err)
{
	return err_set(err, EXIT_INTERNAL, "out of memory for the nodes of a fleet");
}

static char *printable_copy(const char *name)
{
	char *copy = strdup(name);

	return copy ? printable(copy) : NULL;
}

static int leave_out(struct size_fleet *f, const char *name, const struct fleet_class *class,
		     const struct err *why, struct err *err)
{
	struct size_left_out *grown = array_grow(f->left_out, f->left_outs, sizeof(*grown));

	if (!grown)
		return no_memory(err);
	f->left_out = grown;
	grown += f->left_outs;
	*grown = (struct size_left_out){.name = printable_copy(name), .class = *class};
	if (!grown->name)
		return no_memory(err);
	grown->code = why->code;
	str_copy(grown->why, sizeof(grown->why), why->text);
	f->left_outs++;
	return 0;
}

/* A run that two nodes have would count twice. */
static int check_distinct(const struct size_fleet *f, const struct size_node *node, struct err *err)
{
	for (size_t i = 0; i < f->nodes; i++)
		if (node->rows && f->node[i].rows == node->rows &&
		    f->node[i].rows_hash == node->rows_hash)
			return err_set(err, EXIT_USAGE, "holds the run of %s, row by row",
				       f->node[i].name);
	return 0;
}

static int check_host(const struct size_answer *a, struct err *err)
{
	if (a->host[SIZE_CPU] > 0 && a->host[SIZE_MEMORY] > 0)
		return 0;
	return err_set(err, EXIT_INCONCLUSIVE,
		       "how many CPUs and how much memory it has is not in its " LAYERS_FILE);
}

/* Makes room for one more; it counts once it is complete. */
static struct size_node *new_node(struct size_fleet *f, const char *name, struct err *err)
{
	struct size_node *node = array_grow(f->node, f->nodes, sizeof(*node));

	if (!node) {
		no_memory(err);
		return NULL;
	}
	f->node = node;
	node += f->nodes;
	*node = (struct size_node){.name = printable_copy(name), .price = PRICES_NONE};
	if (!node->name)
		no_memory(err);
	return node->name ? node : NULL;
}

static void release_node(struct size_node *node)
{
	free(node->name);
	size_answer_release(&node->answer);
	*node = (struct size_node){0};
}

/* Takes one place of an answer. */
static int take_place(struct size_node *node, const struct size_place *p, struct err *err)
{
	if (node->places == SIZE_FLEET_PLACES)
		return err_set(err, EXIT_USAGE,
			       "more than %d layers: --layer says for which to size",
			       SIZE_FLEET_PLACES);
	node->place[node->places++] = *p;
	return 0;
}

/* Another node may end in a layer that lies between L1 and the deepest of this one. */
static int take_between(const struct summary *s, const struct size_demand *demand,
			struct size_node *node, struct err *err)
{
	struct size_demand d = *demand;
	uint32_t k = node->answer.place[node->answer.places - 1].layer;
	int rc = 0;

	for (k = summary_parent(s, k); rc == 0 && s->tree.layer[k].depth > 1;
	     k = summary_parent(s, k)) {
		struct size_answer a;

		d.layer = summary_layer_name(s, k);
		if (size_answer_make(s, &d, &a, err) < 0)
			return -1;
		if (a.place[a.places - 1].layer == k)
			rc = take_place(node, &a.place[a.places - 1], err);
		size_answer_release(&a);
	}
	return rc;
}

static int take_places(const struct summary *s, const struct size_demand *d, struct size_node *node,
		       struct err *err)
{
	for (size_t i = 0; i < node->answer.places; i++)
		if (take_place(node, &node->answer.place[i], err) < 0)
			return -1;
	return d->layer ? 0 : take_between(s, d, node, err);
}

static int measure_node(struct size_fleet *f, const char *path, const char *own,
			struct size_node *node, struct err *err)
{
	struct summary s;
	int rc;

	if (fleet_node_check(path, err) < 0 || summary_build(path, &s, err) < 0)
		return -1;
	damage_format(path, &s.damage, &f->damage);
	node->rows = s.rows;
	node->rows_hash = s.rows_hash;
	fleet_class_of_run(&s, &node->class);
	rc = fleet_classes_add(&f->classes, &node->class, err);
	if (rc == 0)
		rc = fleet_node_own(own, s.manifest.run, err);
	if (rc == 0)
		rc = check_distinct(f, node, err);
	if (rc == 0)
		rc = size_answer_make(&s, &f->demand, &node->answer, err);
	if (rc == 0)
		rc = check_host(&node->answer, err);
	if (rc == 0)
		rc = take_places(&s, &f->demand, node, err);
	summary_release(&s);
	return rc;
}

/* What is wrong with the run of a node leaves it out. */
static int add_node(struct size_fleet *f, const char *dir, const struct fleet_found *found,
		    struct err *err)
{
	char path[RUNDIR_PATH], class[FLEET_CLASS_TEXT];
	struct size_node *node;
	struct err why;
	int rc = 0;

	if (rundir_path(dir, found->name, path, err) < 0 || !(node = new_node(f, found->name, err)))
		return -1;
	if (found->why)
		rc = err_set(&why, EXIT_INCONCLUSIVE, "%s", found->why);
	else
		rc = measure_node(f, path, found->run, node, &why);
	if (rc < 0) {
		struct fleet_class known = node->class;

		release_node(node);
		*err = why;
		return why.code == EXIT_INTERNAL ? -1
						 : leave_out(f, found->name, &known, &why, err);
	}
	if (f->prices)
		rc = prices_find(f->prices, fleet_class_name(&node->class, class), node->name,
				 &node->price, err);
	if (rc < 0)
		release_node(node);
	else
		f->nodes++;
	return rc;
}

/* ---- all of them ---- */

static int compare_left_out(const void *left, const void *right)
{
	const struct size_left_out *a = left, *b = right;

	return fleet_order(a->name, b->name);
}

static int fail_all(const struct size_fleet *f, struct err *err)
{
	const struct size_left_out *first = f->left_out;

	return err_set(err, first->code, "none of %zu node%s can be sized; %s: %s", f->left_outs,
		       f->left_outs == 1 ? "" : "s", first->name, first->why);
}

int size_nodes_read(const char *dir, struct size_fleet *f, struct err *err)
{
	struct fleet_nodes found = {0};
	int rc = fleet_nodes_find(dir, &found, err);

	for (size_t i = 0; rc == 0 && i < found.count; i++)
		rc = add_node(f, dir, &found.node[i], err);
	if (f->left_outs)
		qsort(f->left_out, f->left_outs, sizeof(*f->left_out), compare_left_out);
	if (rc == 0 && f->nodes == 0)
		rc = fail_all(f, err);
	fleet_nodes_release(&found);
	return rc;
}

void size_nodes_release(struct size_fleet *f)
{
	while (f->nodes)
		release_node(&f->node[--f->nodes]);
	free(f->node);
	f->node = NULL;
	while (f->left_outs)
		free(f->left_out[--f->left_outs].name);
	free(f->left_out);
	f->left_out = NULL;
	fleet_classes_release(&f->classes);
}

size_t size_node_place(const struct size_node *node, const char *name)
{
	size_t i = 0;

	while (i < node->places && strcmp(node->place[i].name, name) != 0)
		i++;
	return i;
}
