/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which exits the time of each layer goes to. */
#include "results/exits/why.h"

#include <math.h>
#include <stdio.h>

#include "plots/report/report_parts.h"

enum { REASONS_SHOWN = 4 };

/* "cpuid 1.00, interrupt 260/s" */
static void add_reasons(struct grid *g, const struct why_item *item)
{
	struct buf text = BUF_INIT;
	char count[TEXT_SHORT];
	size_t shown = 0;

	for (size_t i = 0; i < item->parts && shown < REASONS_SHOWN; i++) {
		const struct why_part *p = &item->part[i];
		bool by_second = p->metric->class == EXIT_PER_SECOND;

		if (!why_part_moved(p))
			continue;
		text_ratio(by_second ? p->metric->per_second.mid : p->metric->per_op.mid, count);
		buf_addf(&text, "%s%s %s%s", shown++ ? ", " : "", p->metric->reason, count,
			 by_second ? "/s" : "");
	}
	grid_add(g, shown ? buf_str(&text) : "none");
	g->failed |= text.failed;
	buf_release(&text);
}

static void add_row(struct grid *g, const struct why *w, const struct why_item *item)
{
	char text[TEXT_LABEL];

	grid_add(g, text_workload(w->s, item->entry, text));
	add_reasons(g, item);
	grid_add(g, text_cost(item->entry, item->entry->cost.mid, text));
	grid_add(g, text_figure("ns/op", item->extra_ns.mid, text));
	grid_add(g, item->outers ? text_ratio(item->outer[0].factor.mid, text) : "–");
	grid_add(g, isnan(item->share.mid) ? "–" : text_share(&item->share, text));
	grid_add(g, item->is_basis ? "prices come from it" : buf_str(&item->missing));
}

static void begin_table(struct grid *g)
{
	static const char *const head[] = {"workload",
					   "exits of an operation, or a second",
					   "time",
					   "beyond the parent layer",
					   "exits of the parent layer for one",
					   "explained",
					   "remark"};

	grid_begin(g, sizeof(head) / sizeof(head[0]));
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		grid_add(g, head[i]);
}

static void add_layer(struct doc *d, const struct why *w, uint32_t layer)
{
	struct grid g = {0};
	char name[TEXT_LABEL], title[2 * TEXT_LABEL];

	begin_table(&g);
	for (size_t i = 0; i < w->items; i++)
		if (w->item[i].entry->layer == layer)
			add_row(&g, w, &w->item[i]);
	if (grid_rows(&g)) {
		snprintf(title, sizeof(title), "Exits of %s, counted in %s",
			 text_layer(w->s, layer, name),
			 summary_layer_name(w->s, summary_parent(w->s, layer)));
		doc_heading(d, 3, NULL, title);
	}
	doc_grid(d, &g, "Per operation, by reason; medians of times, counts without background",
		 true);
}

static void add_prices(struct doc *d, const struct why *w)
{
	struct grid g = {0};
	char text[TEXT_LABEL];

	grid_begin(&g, 4);
	grid_add(&g, "exit");
	grid_add(&g, "beyond the parent layer");
	grid_add(&g, "from");
	grid_add(&g, "includes");
	for (size_t i = 0; i < w->prices; i++) {
		const struct why_price *p = &w->price[i];

		grid_addf(&g, "%s of %s", p->reason, summary_layer_name(w->s, p->layer));
		grid_add(&g, text_figure("ns/op", p->ns.mid, text));
		grid_add(&g, p->workload);
		grid_add(&g, p->with[0] ? p->with : "–");
	}
	doc_grid(d, &g, "What one exit costs", true);
}

static void add_remarks(struct doc *d, const struct why *w)
{
	char text[EXITS_REMARK + 3 * LAYER_NAME];

	if (!w->counts.remarks)
		return;
	doc_heading(d, 3, NULL, "Not counted, or noticed while counting");
	doc_list_begin(d);
	for (size_t i = 0; i < w->counts.remarks; i++) {
		const struct exit_remark *r = &w->counts.remark[i];

		snprintf(text, sizeof(text), "%s in %s: %s", summary_layer_name(w->s, r->layer),
			 summary_layer_name(w->s, r->counted_in), r->text);
		doc_item(d, text);
	}
	doc_list_end(d);
}

void report_why(struct doc *d, const struct report *r)
{
	struct err err;
	struct why w;

	if (why_make(r->s, &w, &err) < 0) {
		doc_text(d, "note warnish", err.text);
		return;
	}
	doc_text(
		d, "note",
		"Exits of a layer are counted in its parent layer around every batch. Explained is "
		"counts times prices, which the exit workloads of this run pay; a reason without a "
		"price is taken at the lowest. What happens by the second, such as interrupts, is "
		"never a property of an operation.");
	report_pictures(d, r, PLOT_OF_EXITS);
	for (uint32_t layer = 1; layer < r->s->layers; layer++)
		add_layer(d, &w, layer);
	report_memory(d, r->s, &w.memory);
	add_prices(d, &w);
	add_remarks(d, &w);
	why_release(&w);
}
