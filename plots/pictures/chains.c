/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From layer to layer in a tree: for each kind of work a line along each way from L0. */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_drawn(const struct summary_class *c)
{
	return summary_is_shown(c) && strcmp(c->class, "capacity") != 0 && !isnan(c->ratio_l0.mid);
}

static bool is_way(const struct summary *s, uint32_t leaf)
{
	return layer_tree_is_leaf(&s->tree, leaf) && layer_tree_is_in(&s->tree, leaf, 0);
}

/* The layers from L0 to the leaf, as far as the class has figures, from L0 on. */
static void add_way(struct picture *p, const struct summary *s, const char *class, size_t panel,
		    uint32_t leaf)
{
	static const struct estimate one = {1, 1, 1};
	const struct summary_class *end = summary_class_towards(s, class, leaf);
	uint64_t way = layer_tree_way(&s->tree, end ? end->layer : 0);
	char ratio[TEXT_SHORT], text[TEXT_LABEL];

	for (uint32_t k = 0; k < s->layers; k++) {
		const struct summary_class *c = summary_find_class(s, class, k);

		if (!(way >> k & 1))
			continue;
		snprintf(text, sizeof(text), "×%s", text_ratio(c ? c->ratio_l0.mid : 1, ratio));
		picture_row(p, (double)panel, leaf, class);
		picture_number(p, s->tree.layer[k].depth);
		picture_estimate(p, k && c ? &c->ratio_l0 : &one, 1);
		picture_text(p, c && c == end ? text : "-");
	}
	picture_gap(p);
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	size_t panels = 0;
	char text[TEXT_LABEL];

	if (!s->is_tree)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "there are no branches: the layers are one chain, which the "
			       "picture \"slope\" shows");
	picture_notes(p, s, "a line for each way from L0");
	picture_columns(p, "panel", "depth\tratio\tlow\thigh\ttext");
	grid_layers(&p->table, s, "work: × L0", 1, NULL);
	for (size_t i = 0; i < s->classes && panels < PANELS_MAX; i++) {
		const char *class = s->class[i].class;

		if (!is_drawn(&s->class[i]))
			continue;
		grid_add(&p->table, class);
		for (uint32_t k = 1; k < s->layers; k++) {
			const struct summary_class *c = summary_find_class(s, class, k);

			grid_add(&p->table, c ? ratio_text(&c->ratio_l0, text) : "no data");
			if (is_way(s, k))
				add_way(p, s, class, panels, k);
		}
		panels++;
	}
	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work was measured both in L0 and in another layer");
	return buf_check(&p->data, err);
}

const struct plot plot_chains = {
	.name = "chains",
	.title = "Along each chain",
	.summary = "how the cost of each kind of work rises along each way from L0, as a multiple "
		   "of L0",
	.place = PLOT_OF_CLASSES,
	.make = make,
};
