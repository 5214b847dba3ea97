/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tax of each layer: one waterfall for each resource, from all of L0 down to what the deepest
 * layer has. Only of runs in mode share. */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>

#include "results/summary/tax.h"

enum { PARTS = 3 };

/* A resource on one way from L0, which is a panel, as far down as it is known. */
struct fall {
	struct tax_step step[LAYERS_MAX]; /* of each depth */
	uint32_t depth;
	bool speed; /* known, too */
	size_t panel;
	char name[TEXT_LABEL];
};

static uint32_t known_depth(const struct fall *f, uint32_t deepest, bool speed)
{
	uint32_t depth = 0;

	while (depth < deepest && tax_known(&f->step[depth + 1], speed))
		depth++;
	return depth;
}

static struct fall find_fall(const struct tax *t, int resource, uint32_t leaf, size_t panel)
{
	const struct layer_tree *tree = &t->s->tree;
	struct fall f = {.panel = panel};

	for (uint32_t k = leaf; k; k = tree->layer[k].parent)
		f.step[tree->layer[k].depth] = t->step[resource][k];
	f.speed = known_depth(&f, tree->layer[leaf].depth, true) > 0;
	f.depth = known_depth(&f, tree->layer[leaf].depth, f.speed);
	snprintf(f.name, sizeof(f.name), "%s%s%.48s%s",
		 tax_resource_name((enum tax_resource)resource),
		 t->s->is_tree ? " on the way to " : "",
		 t->s->is_tree ? summary_layer_name(t->s, leaf) : "",
		 f.speed ? "" : ": only how much, for how fast was not measured");
	return f;
}

/* What of the machine is left in a layer, in per cent. */
static double level(const struct fall *f, uint32_t layer)
{
	double left = 100;

	for (uint32_t k = 1; k <= layer; k++)
		left *= f->speed ? f->step[k].left.mid
				 : 1 - f->step[k].reserved.mid - f->step[k].hypervisor.mid;
	return left;
}

/* A bar with its interval and its figure. */
static void add_bar(struct picture *p, const struct fall *f, uint32_t layer, const char *part,
		    double from, double to, const struct estimate *whisker, const char *figure)
{
	picture_row(p, (double)f->panel, layer, f->name);
	picture_text(p, part);
	picture_number(p, from);
	picture_number(p, to);
	picture_number(p, whisker ? 100 * whisker->low : NAN);
	picture_number(p, whisker ? 100 * whisker->high : NAN);
	picture_text(p, figure);
}

/* "−3.2 %"; what is less than an error of rounding is 0. */
static const char *figure(const char *sign, double value, char out[TEXT_LABEL])
{
	char text[TEXT_SHORT];
	bool nothing = fabs(value) < 1e-7;

	snprintf(out, TEXT_LABEL, "%s%s %%", nothing ? "" : sign,
		 nothing ? "0" : text_percent(value / 100, text));
	return out;
}

static void add_left(struct picture *p, const struct fall *f, uint32_t layer)
{
	double left = level(f, layer);
	char text[TEXT_LABEL];

	add_bar(p, f, layer, "left", 0, left, layer && f->speed ? &f->step[layer].left_l0 : NULL,
		figure("", left, text));
}

static void add_taxes(struct picture *p, const struct fall *f, uint32_t layer)
{
	static const char *const names[PARTS] = {"reserved", "hypervisor", "slower"};
	const struct tax_step *step = &f->step[layer];
	const double part[PARTS] = {step->reserved.mid, step->hypervisor.mid, step->slower.mid};
	double before = level(f, layer - 1), from = before;
	char text[TEXT_LABEL];

	for (int i = 0; i < PARTS; i++) {
		double tax = before * part[i];

		if (i == PARTS - 1 && !f->speed) {
			add_bar(p, f, layer, names[i], from, NAN, NULL, "not known");
			continue;
		}
		add_bar(p, f, layer, names[i], from, from - tax, NULL,
			figure(tax < 0 ? "+" : "−", fabs(tax), text));
		from -= tax;
	}
}

static void add_rows(struct grid *g, enum tax_resource r, const struct tax *t)
{
	char text[64];

	for (uint32_t k = 1; k < t->layers; k++) {
		const struct tax_step *step = &t->step[r][k];
		const struct estimate *part[] = {&step->reserved, &step->hypervisor, &step->slower,
						 &step->left, &step->left_l0};

		if (!tax_has_step(t, k))
			continue;
		grid_addf(g, "%s, %s to %s", tax_resource_name(r),
			  summary_layer_name(t->s, summary_parent(t->s, k)),
			  summary_layer_name(t->s, k));
		grid_add(g, tax_amount(r, step->has, text));
		grid_add(g, tax_amount(r, step->handed, text));
		grid_add(g, tax_amount(r, step->usable.mid, text));
		for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
			grid_add(g, tax_part(part[i], text));
	}
}

static void add_head(struct grid *g)
{
	static const char *const head[] = {"of what reached the parent layer",
					   "it has",
					   "hands on",
					   "usable below",
					   "reserved by the layer",
					   "lost to the hypervisor",
					   "lost to slower work",
					   "left",
					   "left of L0"};

	grid_begin(g, sizeof(head) / sizeof(head[0]));
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		grid_add(g, head[i]);
}

/* The panels of a resource, one for each way from L0. */
static void add_panels(struct picture *p, const struct tax *t, int resource, size_t *panels)
{
	for (uint32_t leaf = 1; leaf < t->layers && *panels < PANELS_MAX; leaf++) {
		struct fall f;

		if (!layer_tree_is_leaf(&t->s->tree, leaf) || !tax_has_step(t, leaf))
			continue;
		f = find_fall(t, resource, leaf, *panels);
		for (uint32_t k = 0; k <= f.depth && f.depth; k++) {
			add_left(p, &f, k);
			if (k)
				add_taxes(p, &f, k);
		}
		*panels += f.depth > 0;
	}
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	size_t panels = 0;
	struct tax t;

	if (!tax_applies(s))
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no taxes of layers were measured: sizes are results with --mode "
			       "share only");
	if (tax_make(s, &t, err) < 0)
		return -1;
	picture_notes(p, s, "what it reserves, what is lost below it; in per cent of L0");
	picture_columns(p, "panel", "part\tfrom\tto\tlow\thigh\ttext");
	add_head(&p->table);
	for (int r = 0; r < TAX_RESOURCES; r++) {
		add_panels(p, &t, r, &panels);
		add_rows(&p->table, (enum tax_resource)r, &t);
	}
	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no capacity was found both in L0 and in a VM");
	return buf_check(&p->data, err);
}

const struct plot plot_tax = {
	.name = "tax",
	.title = "The tax of each layer",
	.summary = "what of CPUs, memory and disk each layer reserves, what is lost to the "
		   "hypervisor and to slower work, and what is left",
	.place = PLOT_OF_CLASSES,
	.make = make,
};
