/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of layers side by side: a panel for each kind of work, the layers of one depth together. */
#include "results/summary/kinds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/plot.h"

/* Where a layer stands along the axis: those of a group behind each other, with a gap behind the
 * last. 0: it is in no group. */
static double place_of(const struct kinds *kinds, uint32_t layer)
{
	double place = 0;

	for (size_t g = 0; g < kinds->groups; g++, place++)
		for (uint32_t k = 0; k < LAYERS_MAX; k++) {
			if (!(kinds->group[g].layers >> k & 1))
				continue;
			place++;
			if (k == layer)
				return place;
		}
	return 0;
}

static void add_class(struct picture *p, const struct summary *s, const char *class, size_t panel)
{
	char ratio[TEXT_SHORT], text[TEXT_LABEL], kind[KINDS_TEXT];

	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_class *c = summary_find_class(s, class, k);
		double place = place_of(s->kinds, k);

		if (place == 0 || !c || isnan(c->ratio_l0.mid))
			continue;
		snprintf(text, sizeof(text), "×%s", text_ratio(c->ratio_l0.mid, ratio));
		picture_row(p, (double)panel, k, class);
		picture_number(p, place);
		picture_number(p, s->layer[k].cpu == CPU_EMULATED);
		picture_estimate(p, &c->ratio_l0, 1);
		picture_text(p, text);
		picture_text(p, kinds_text(s, k, kind));
	}
}

static void add_row(struct grid *g, const struct summary *s, const char *class)
{
	char text[TEXT_LABEL];

	grid_add(g, class);
	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_class *c = summary_find_class(s, class, k);

		if (place_of(s->kinds, k) != 0)
			grid_add(g, c ? ratio_text(&c->ratio_l0, text) : "no data");
	}
}

static void begin_table(struct grid *g, const struct summary *s)
{
	size_t columns = 1;
	char layer[TEXT_LABEL], kind[KINDS_TEXT];

	for (uint32_t k = 1; k < s->layers; k++)
		columns += place_of(s->kinds, k) != 0;
	grid_begin(g, columns);
	grid_add(g, "work: × L0");
	for (uint32_t k = 1; k < s->layers; k++)
		if (place_of(s->kinds, k) != 0)
			grid_addf(g, "%s (%s)", text_layer(s, k, layer), kinds_text(s, k, kind));
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	size_t panels = 0;

	if (!s->kinds)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no two layers of one depth are of different kinds");
	picture_notes(p, s, "hollow: emulated CPU");
	picture_columns(p, "panel", "place\temulated\tratio\tlow\thigh\ttext\tkind");
	begin_table(&p->table, s);
	for (size_t i = 0; i < s->classes && panels < PANELS_MAX; i++) {
		if (!summary_is_shown(&s->class[i]) || strcmp(s->class[i].class, "capacity") == 0)
			continue;
		add_class(p, s, s->class[i].class, panels++);
		add_row(&p->table, s, s->class[i].class);
	}
	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work was measured both in L0 and in another layer");
	return buf_check(&p->data, err);
}

const struct plot plot_kinds = {
	.name = "kinds",
	.title = "Kinds of layers side by side",
	.summary = "cost of each kind of work in layers of one depth, as a multiple of L0, with 95 "
		   "% intervals; hollow marks are of emulated CPUs",
	.place = PLOT_OF_KINDS,
	.make = make,
};
