/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the machine goes: from 100 % by the tax of each layer to what is left in the deepest, one
 * panel for each resource. The share of a resource is that of the kind of work that uses it. How
 * much of it there is (capacities) says something only where each layer passes on what it does not
 * need; else each is given what was asked for.
 */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* Kinds of work that are none of these (exit, app) use several resources at once. */
static const struct {
	const char *class, *name;
} resources[] = {
	{"cpu", "CPU"}, {"mem", "memory"}, {"io", "disk I/O"}, {"net", "network"}, {"gpu", "GPU"},
};

enum { RESOURCES = sizeof(resources) / sizeof(resources[0]) };

/* A panel: the shares along one way from L0, as deep as there is any. */
struct fall {
	char name[2 * TEXT_LABEL];
	uint32_t leaf, layer[LAYERS_MAX]; /* layer: of each depth */
	double percent[LAYERS_MAX];
	uint32_t depth;
};

/* Appends the share of the next deeper layer; false when there is none. */
static bool add_share(struct fall *f, double share)
{
	if (isnan(share))
		return false;
	f->percent[0] = 100;
	f->percent[++f->depth] = 100 * share;
	return true;
}

/* The way to a layer; in a tree its name stands in that of the panel. */
static struct fall begin_fall(const struct summary *s, uint32_t leaf)
{
	struct fall f = {.leaf = leaf};

	for (uint32_t k = leaf; k < s->layers; k = summary_parent(s, k))
		f.layer[s->tree.layer[k].depth] = k;
	if (s->is_tree)
		snprintf(f.name, sizeof(f.name), "%s: ", summary_layer_name(s, leaf));
	return f;
}

static struct fall fall_of_class(const struct summary *s, size_t resource, uint32_t leaf)
{
	struct fall f = begin_fall(s, leaf);
	const struct summary_class *c =
		summary_find_class(s, resources[resource].class, f.layer[1]);
	uint32_t depth = s->tree.layer[leaf].depth;

	if (!c)
		return f;
	str_addf(f.name, sizeof(f.name), "%s  (%s", resources[resource].name, c->class);
	if (!s->is_tree)
		str_addf(f.name, sizeof(f.name), ": %zu workload%s", c->workloads,
			 c->workloads == 1 ? "" : "s");
	str_addf(f.name, sizeof(f.name), ")");
	for (uint32_t k = 1; c && k <= depth && add_share(&f, c->share.mid); k++)
		c = k < depth ? summary_find_class(s, c->class, f.layer[k + 1]) : NULL;
	return f;
}

static struct fall fall_of_capacity(const struct summary *s, const struct family *work,
				    uint32_t leaf)
{
	static const char prefix[] = "capacity.";
	struct fall f = begin_fall(s, leaf);
	char name[TEXT_LABEL];

	text_workload(s, work->first, name);
	str_addf(f.name, sizeof(f.name), "size: %.100s",
		 strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : name);
	for (uint32_t k = 1; k <= s->tree.layer[leaf].depth; k++) {
		const struct summary_entry *e = family_layer(work, f.layer[k]);

		if (!e || !add_share(&f, e->share.mid))
			break;
	}
	return f;
}

static bool differs(const struct fall *f)
{
	for (uint32_t k = 1; k <= f->depth; k++)
		if (fabs(f->percent[k] - f->percent[k - 1]) >= 0.1)
			return true;
	return false;
}

static size_t list_way(const struct summary *s, uint32_t leaf, struct fall *fall, size_t room)
{
	bool sized = strcmp(s->manifest.mode, "share") == 0;
	size_t count = 0;

	for (size_t i = 0; i < RESOURCES && count < room; i++) {
		fall[count] = fall_of_class(s, i, leaf);
		count += fall[count].depth > 0;
	}
	for (size_t i = 0; sized && i < s->entries && count < room;) {
		struct family work = family_at(s, i);

		i += work.count;
		if (!summary_is_size(work.first))
			continue;
		fall[count] = fall_of_capacity(s, &work, leaf);
		count += differs(&fall[count]);
	}
	return count;
}

static size_t list_falls(const struct summary *s, struct fall fall[PANELS_MAX])
{
	size_t count = 0;

	for (uint32_t k = 1; k < s->layers; k++)
		if (layer_tree_is_leaf(&s->tree, k) && layer_tree_is_in(&s->tree, k, 0))
			count += list_way(s, k, fall + count, PANELS_MAX - count);
	return count;
}

/* What a layer took, "−92.3"; "+4" where it has more than the one above. */
static void add_tax(struct picture *p, double before, double after)
{
	char text[TEXT_SHORT], tax[TEXT_LABEL];

	snprintf(tax, sizeof(tax), "%s%s", after > before ? "+" : "−",
		 text_percent(fabs(before - after) / 100, text));
	picture_text(p, tax);
}

static void add_data(struct picture *p, const struct fall *f, size_t panel)
{
	char text[TEXT_SHORT];

	for (uint32_t k = 0; k <= f->depth; k++) {
		picture_row(p, (double)panel, k, f->name);
		picture_number(p, k ? f->percent[k - 1] : NAN);
		picture_number(p, f->percent[k]);
		picture_text(p, text_percent(f->percent[k] / 100, text));
		if (k)
			add_tax(p, f->percent[k - 1], f->percent[k]);
		else
			picture_text(p, "-");
	}
}

static void add_row(const struct summary *s, const struct fall *f, struct grid *g)
{
	char text[TEXT_SHORT];

	grid_add(g, f->name);
	for (uint32_t k = 1; k <= layer_tree_depth(&s->tree); k++) {
		if (k > f->depth) {
			grid_add(g, "no data");
			grid_add(g, "no data");
			continue;
		}
		grid_addf(g, "%s %%",
			  text_percent((f->percent[k - 1] - f->percent[k]) / 100, text));
		grid_addf(g, "%s %%", text_percent(f->percent[k] / 100, text));
	}
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	struct fall fall[PANELS_MAX];
	size_t panels = list_falls(s, fall);

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work that stands for a resource was measured both in "
			       "L0 and in a VM");
	picture_notes(p, s, "% of L0; hatched: the tax of a layer");
	picture_columns(p, "panel", "before\tpercent\ttext\ttax");
	grid_begin(&p->table, 2 * layer_tree_depth(&s->tree) + 1);
	grid_add(&p->table, "resource (class that stands for it)");
	for (uint32_t k = 1; k <= layer_tree_depth(&s->tree); k++) {
		grid_addf(&p->table, "taken by L%" PRIu32, k);
		grid_addf(&p->table, "left in L%" PRIu32, k);
	}
	for (size_t i = 0; i < panels; i++) {
		add_data(p, &fall[i], i);
		add_row(s, &fall[i], &p->table);
	}
	return buf_check(&p->data, err);
}

const struct plot plot_waterfall = {
	.name = "waterfall",
	.title = "Where the machine goes",
	.summary = "what each layer takes of each resource and what it leaves; in brackets the "
		   "kind of work that stands for the resource (exits and applications use several, "
		   "and have no panel)",
	.place = PLOT_OF_CLASSES,
	.make = make,
};
