/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the time goes: for each layer a panel, and in it a bar for each workload whose exits were
 * counted: what the parent layer takes too, then each reason's exits at their price, then what they
 * do not explain.
 */
#include "results/exits/why.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "plots/plot.h"

/* Reasons with a colour of their own; bars of a panel. */
enum { HUES = 6, BARS = 30 };

#define OF_PARENT "in the parent layer, too"
#define OF_OTHERS "other exits"
#define NOT_EXPLAINED "not explained"

struct hues {
	char reason[HUES][EXITS_REASON];
	double weight[HUES];
	size_t count;
};

static bool is_drawn(const struct why_item *item)
{
	return item->extra_ns.mid > 0 && !isnan(item->explained_ns.mid) &&
	       !exit_series_is_background(item->series);
}

/* The share of its time, of all workloads and layers together. */
static double weight_of(const struct why *w, const char *reason)
{
	double all = 0;

	for (size_t i = 0; i < w->items; i++)
		for (size_t k = 0; is_drawn(&w->item[i]) && k < w->item[i].parts; k++) {
			const struct why_part *p = &w->item[i].part[k];

			if (p->ns.mid > 0 && strcmp(p->metric->reason, reason) == 0)
				all += p->ns.mid / w->item[i].entry->cost.mid;
		}
	return all;
}

/* Keeps the reasons of most weight, in its order. */
static void offer(struct hues *h, const char *reason, double weight)
{
	size_t at = h->count;

	for (size_t i = 0; i < h->count; i++)
		if (strcmp(h->reason[i], reason) == 0)
			return;
	while (at > 0 && h->weight[at - 1] < weight)
		at--;
	if (at == HUES)
		return;
	h->count += h->count < HUES;
	for (size_t i = h->count - 1; i > at; i--) {
		memcpy(h->reason[i], h->reason[i - 1], sizeof(h->reason[i]));
		h->weight[i] = h->weight[i - 1];
	}
	str_copy(h->reason[at], sizeof(h->reason[at]), reason);
	h->weight[at] = weight;
}

static struct hues find_hues(const struct why *w)
{
	struct hues h = {.count = 0};

	for (size_t i = 0; i < w->items; i++)
		for (size_t k = 0; is_drawn(&w->item[i]) && k < w->item[i].parts; k++) {
			const struct why_part *p = &w->item[i].part[k];

			if (p->ns.mid > 0)
				offer(&h, p->metric->reason, weight_of(w, p->metric->reason));
		}
	return h;
}

static size_t hue_of(const struct hues *h, const char *reason)
{
	size_t i = 0;

	while (i < h->count && strcmp(h->reason[i], reason) != 0)
		i++;
	return i;
}

/* A bar that grows from the left, in per cent of the layer's time. */
struct bar {
	struct picture *p;
	const char *work;
	char panel_name[2 * TEXT_LABEL];
	size_t panel, place;
	uint32_t layer;
	double at;
};

static void add_piece(struct bar *b, const char *part, size_t hue, double percent)
{
	char text[TEXT_SHORT];

	if (!(percent > 0))
		return;
	picture_row(b->p, (double)b->panel, b->layer, b->panel_name);
	picture_number(b->p, (double)b->place);
	picture_text(b->p, b->work);
	picture_text(b->p, part);
	picture_number(b->p, (double)hue);
	picture_number(b->p, b->at);
	picture_number(b->p, b->at + percent);
	picture_text(b->p, text_percent(percent / 100, text));
	b->at += percent;
}

static void add_bar(struct bar *b, const struct why_item *item, const struct hues *h)
{
	double whole = item->entry->cost.mid, piece[HUES + 1] = {0};

	b->at = 0;
	for (size_t i = 0; i < item->parts; i++)
		if (item->part[i].ns.mid > 0)
			piece[hue_of(h, item->part[i].metric->reason)] +=
				100 * item->part[i].ns.mid / whole;
	add_piece(b, OF_PARENT, 0, 100 * (whole - item->extra_ns.mid) / whole);
	for (size_t i = 0; i < h->count; i++)
		add_piece(b, h->reason[i], i + 1, piece[i]);
	add_piece(b, OF_OTHERS, HUES + 1, piece[h->count]);
	add_piece(b, NOT_EXPLAINED, HUES + 2, 100 - b->at);
}

static void add_row(struct grid *g, const struct why *w, const struct why_item *item)
{
	char name[TEXT_LABEL], text[TEXT_SHORT];

	grid_addf(g, "%s in %s", text_workload(w->s, item->entry, name),
		  summary_layer_name(w->s, item->entry->layer));
	grid_add(g, text_cost(item->entry, item->entry->cost.mid, text));
	grid_add(g, text_figure("ns/op", item->extra_ns.mid, text));
	grid_add(g, text_figure("ns/op", item->explained_ns.mid, text));
	grid_add(g, text_share(&item->share, text));
}

static void add_head(struct grid *g)
{
	static const char *const head[] = {"workload", "time per operation",
					   "beyond the parent layer", "counts × prices",
					   "explained"};

	grid_begin(g, sizeof(head) / sizeof(head[0]));
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		grid_add(g, head[i]);
}

static size_t add_layer(struct picture *p, const struct why *w, const struct hues *h,
			uint32_t layer, size_t panel)
{
	struct bar b = {.p = p, .panel = panel, .layer = layer};
	char name[TEXT_LABEL], work[TEXT_LABEL];

	snprintf(b.panel_name, sizeof(b.panel_name), "%s, exits counted in %s",
		 text_layer(w->s, layer, name),
		 summary_layer_name(w->s, summary_parent(w->s, layer)));
	b.work = work;
	for (size_t i = 0; i < w->items && b.place < BARS; i++)
		if (w->item[i].entry->layer == layer && is_drawn(&w->item[i])) {
			text_workload(w->s, w->item[i].entry, work);
			add_bar(&b, &w->item[i], h);
			add_row(&p->table, w, &w->item[i]);
			b.place++;
		}
	return b.place;
}

static int draw(const struct why *w, struct picture *p, struct err *err)
{
	struct hues h = find_hues(w);
	size_t panels = 0;

	picture_notes(p, w->s, "% of the time of one operation");
	picture_columns(p, "panel", "place\twork\tpart\thue\tfrom\tto\ttext");
	add_head(&p->table);
	for (uint32_t layer = 1; layer < w->s->layers && panels < PANELS_MAX; layer++)
		panels += add_layer(p, w, &h, layer, panels) > 0;
	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no exits were counted by reason of what was measured and takes "
			       "longer than in the parent layer");
	return buf_check(&p->data, err);
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	struct why w;
	int rc;

	if (why_make(s, &w, err) < 0)
		return -1;
	rc = draw(&w, p, err);
	why_release(&w);
	return rc;
}

const struct plot plot_why = {
	.name = "why",
	.title = "Where the time goes",
	.summary = "the time of one operation in each layer: what the parent layer takes as well, "
		   "the exits by reason (count × price), and what they do not explain",
	.place = PLOT_OF_EXITS,
	.make = make,
};
