/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From layer to layer: the ratio to L0 of each kind of work, and of the workloads it is made of. */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 16 };

/* One kind of work: its ratios from L1 to the deepest layer that it has. */
struct line {
	const struct summary_class *at[LAYERS_MAX];
	uint32_t depth;
};

/* Kinds of work that it is about; a capacity is no cost. */
static bool is_cost(const char *class)
{
	return strcmp(class, "control") != 0 && strcmp(class, "capacity") != 0;
}

static const struct estimate *end_of(const struct line *l)
{
	return &l->at[l->depth]->ratio_l0;
}

static size_t list_lines(const struct summary *s, struct line *line)
{
	size_t count = 0;

	for (size_t i = 0; i < s->classes && count < LINES; i++) {
		const struct summary_class *c = &s->class[i];
		struct line *l = &line[count];

		if (c->layer != 1 || !is_cost(c->class) || isnan(c->ratio_l0.mid))
			continue;
		l->at[1] = c;
		l->depth = 1;
		for (uint32_t k = 2; k < s->layers; k++) {
			l->at[k] = summary_find_class(s, c->class, k);
			if (!l->at[k] || isnan(l->at[k]->ratio_l0.mid))
				break;
			l->depth = k;
		}
		count++;
	}
	return count;
}

/* The most expensive first. */
static int compare_ends(const void *left, const void *right)
{
	double a = end_of(left)->mid, b = end_of(right)->mid;

	return (a < b) - (a > b);
}

static void add_workloads(struct picture *p, const struct summary *s)
{
	char name[TEXT_LABEL];

	for (size_t i = 0; i < s->entries;) {
		struct family work = family_at(s, i);

		for (; work.count--; i++) {
			const struct summary_entry *e = &s->entry[i];

			if (!is_cost(e->class) || isnan(e->ratio_l0.mid))
				continue;
			picture_row(p, NAN, e->layer, text_workload(s, work.first, name));
			picture_estimate(p, &e->ratio_l0, 1);
			picture_text(p, "-");
		}
		picture_gap(p);
	}
}

static void add_line(struct picture *p, const struct line *l, size_t index, uint32_t deepest)
{
	static const struct estimate one = {1, 1, 1};
	char ratio[TEXT_SHORT], text[TEXT_LABEL];

	snprintf(text, sizeof(text), "%s×%s", text_ratio(end_of(l)->mid, ratio),
		 l->depth < deepest ? " (no data deeper)" : "");
	for (uint32_t k = 0; k <= l->depth; k++) {
		picture_row(p, (double)index, k, l->at[1]->class);
		picture_estimate(p, k ? &l->at[k]->ratio_l0 : &one, 1);
		picture_text(p, k == l->depth ? text : "-");
	}
	picture_gap(p);
}

static void add_table(struct grid *g, const struct summary *s, const struct line *line,
		      size_t count)
{
	char text[TEXT_LABEL];

	grid_layers(g, s, "work: × L0", 1, NULL);
	for (size_t i = 0; i < count; i++) {
		grid_add(g, line[i].at[1]->class);
		for (uint32_t k = 1; k < s->layers; k++)
			grid_add(g, k <= line[i].depth ? ratio_text(&line[i].at[k]->ratio_l0, text)
						       : "no data");
	}
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	struct line line[LINES] = {0};
	size_t count = s->is_tree ? 0 : list_lines(s, line);
	uint32_t depth = 0;

	if (s->is_tree)
		return err_set(
			err, EXIT_INCONCLUSIVE,
			"the layers are no chain; the picture \"chains\" has a line for each "
			"way from L0");
	if (count == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work was measured both in L0 and in a VM");
	add_table(&p->table, s, line, count);
	qsort(line, count, sizeof(*line), compare_ends);
	picture_notes(p, s, "bold: kinds of work, thin: workloads");
	picture_columns(p, "line", "ratio\tlow\thigh\ttext");
	for (size_t i = 0; i < count; i++)
		depth = line[i].depth > depth ? line[i].depth : depth;
	for (size_t i = 0; i < count; i++)
		add_line(p, &line[i], i, depth);
	add_workloads(p, s);
	return buf_check(&p->data, err);
}

const struct plot plot_slope = {
	.name = "slope",
	.title = "From layer to layer",
	.summary =
		"how the cost of each kind of work rises from layer to layer, as a multiple of L0",
	.place = PLOT_OF_CLASSES,
	.make = make,
};
