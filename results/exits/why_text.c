/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The explanation as text. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/wrap.h"
#include "results/exits/why.h"
#include "results/table/text.h"

enum { WIDTH = 98, ROWS_SHOWN = 10 };

/* Counts near a whole number are told from it. */
static void format_count(double x, char text[TEXT_SHORT])
{
	double size = fabs(x);

	if (size >= 1000)
		snprintf(text, TEXT_SHORT, "%.0f", x);
	else if (size >= 0.01 || x == 0)
		snprintf(text, TEXT_SHORT, "%.*f", size >= 100 ? 1 : size >= 10 ? 2 : 4, x);
	else
		snprintf(text, TEXT_SHORT, "%.2g", x);
}

static void format_interval(const struct estimate *e, char text[TEXT_SHORT])
{
	char low[TEXT_SHORT], high[TEXT_SHORT];

	if (isnan(e->low)) {
		snprintf(text, TEXT_SHORT, "no interval");
		return;
	}
	format_count(fmax(0, e->low), low);
	format_count(e->high, high);
	snprintf(text, TEXT_SHORT, "[%.28s, %.28s]", low, high);
}

static const struct text_column columns[] = {
	{"  reason", -22, 1},	   {"exits", 9, 1},   {"per", -4, 1},
	{"95 % interval", -18, 1}, {"class", -13, 1}, {"one costs", 9, 1},
	{"of the time", 11, 0},
};

static void add_part(struct text_table *t, const struct why_item *item, const struct why_part *p)
{
	bool by_second = p->metric->class == EXIT_PER_SECOND;
	const struct estimate *e = by_second ? &p->metric->per_second : &p->metric->per_op;
	char count[TEXT_SHORT], interval[TEXT_SHORT], text[TEXT_SHORT];

	format_count(fmax(0, e->mid), count);
	format_interval(e, interval);
	text_cell(t, "  %s", p->metric->reason);
	text_cell(t, "%s", count);
	text_cell(t, "%s", by_second ? "s" : "op");
	text_cell(t, "%s", interval);
	text_cell(t, "%s", exit_class_name(p->metric->class));
	if (!p->price) {
		text_end_row(t, "");
		return;
	}
	text_cell(t, "%s%s", p->is_least ? "≥ " : "", text_figure("ns/op", p->price->ns.mid, text));
	text_cell(t, "%s %%", text_percent(fmax(0, p->ns.mid) / item->entry->cost.mid, interval));
}

static void add_parts(const struct why_item *item, struct buf *out)
{
	struct text_table t = TEXT_TABLE(out, columns);
	size_t moved = 0;

	/* Others are no more than the background. */
	for (size_t i = 0; i < item->parts; i++)
		if (why_part_moved(&item->part[i]) && moved++ < ROWS_SHOWN)
			add_part(&t, item, &item->part[i]);
	if (moved > ROWS_SHOWN)
		buf_addf(out, "    … and %zu more; --json has all\n", moved - ROWS_SHOWN);
	if (moved == 0)
		buf_addstr(out, "    no more exits than in the empty batch\n");
}

static void add_heading(const struct why *w, const struct why_item *item, struct buf *out)
{
	char name[TEXT_LABEL], cost[TEXT_SHORT], extra[TEXT_SHORT], low[TEXT_SHORT],
		high[TEXT_SHORT];

	buf_addf(out, "  %s: %s", text_workload(w->s, item->entry, name),
		 text_cost(item->entry, item->entry->cost.mid, cost));
	if (!isnan(item->extra_ns.mid))
		buf_addf(out, ", which is %s %s than in %s",
			 text_figure("ns/op", fabs(item->extra_ns.mid), extra),
			 item->extra_ns.mid < 0 ? "less" : "more",
			 summary_layer_name(w->s, item->parent->layer));
	if (!isnan(item->extra_ns.low))
		buf_addf(out, " [%s%s, %s%s]", item->extra_ns.low < 0 ? "-" : "",
			 text_figure("ns/op", fabs(item->extra_ns.low), low),
			 item->extra_ns.high < 0 ? "-" : "",
			 text_figure("ns/op", fabs(item->extra_ns.high), high));
	buf_addstr(out, "\n");
}

static void add_outer(const struct why *w, const struct why_item *item, struct buf *out)
{
	char mid[TEXT_SHORT], interval[TEXT_SHORT];

	for (size_t i = 0; i < item->outers; i++) {
		const struct why_outer *o = &item->outer[i];

		format_count(o->factor.mid, mid);
		format_interval(&o->factor, interval);
		buf_addf(out, "    for one exit of %s, %s %s exits of %s in %s (%s)\n",
			 summary_layer_name(w->s, item->entry->layer), mid, interval,
			 summary_layer_name(w->s, o->layer),
			 summary_layer_name(w->s, o->counted_in), o->source);
	}
	if (!isnan(item->fault_known))
		text_wrapf(out, "    ", WIDTH,
			   "known for one page fault: %.0f exits to %s with nested paging as it is "
			   "set in %s, 4-level tables (PVM, SOSP 2023, 2.2)",
			   item->fault_known, summary_layer_name(w->s, item->outer[0].counted_in),
			   summary_layer_name(w->s, item->outer[0].layer));
}

static void add_share(const struct why_item *item, struct buf *out)
{
	char share[TEXT_SHORT], rest[TEXT_SHORT];
	const char *missing = buf_str(&item->missing);

	if (isnan(item->share.mid)) {
		if (isnan(item->extra_ns.mid))
			text_wrapf(out, "    ", WIDTH, "nothing to explain: %s", missing);
		else if (!why_costs_more(item))
			text_wrapf(out, "    ", WIDTH,
				   "nothing to explain: it takes no more time than in the parent "
				   "layer, as far as the interval tells");
		else
			text_wrapf(out, "    ", WIDTH, "not explained: %s", missing);
		return;
	}
	if (item->is_basis) {
		text_wrapf(out, "    ", WIDTH, "prices come from this workload%s%s",
			   *missing ? "; " : "", missing);
		return;
	}
	text_wrapf(out, "    ", WIDTH,
		   "exits explain %s of it%s%s %% (%.0f %% of the measured time "
		   "predicted)%s%s",
		   text_share(&item->share, share),
		   item->share.mid > 1 ? ", too much by " : "; not explained: ",
		   text_percent(fabs(1 - item->share.mid), rest), 100 * item->predicted,
		   *missing ? ": " : "", missing);
}

static void add_item(const struct why *w, const struct why_item *item, struct buf *out)
{
	add_heading(w, item, out);
	add_parts(item, out);
	add_outer(w, item, out);
	add_share(item, out);
}

static void add_layer(const struct why *w, const struct why_item *first, struct buf *out)
{
	struct text_table t = TEXT_TABLE(out, columns);
	char name[TEXT_LABEL];

	buf_addf(out, "%sExits of %s, counted in %s\n", out->len ? "\n" : "",
		 text_layer(w->s, first->entry->layer, name),
		 summary_layer_name(w->s, first->series->counted_in));
	text_titles(&t);
}

static void add_prices(const struct why *w, const struct why_filter *f, struct buf *out)
{
	char cost[TEXT_SHORT];
	bool any = false;

	for (size_t i = 0; i < w->prices; i++) {
		const struct why_price *p = &w->price[i];

		if (f->layer != LAYER_NO_PARENT && f->layer != p->layer)
			continue;
		if (!any)
			buf_addstr(out, "\nWhat one exit costs beyond the parent layer\n");
		any = true;
		text_wrapf(out, "  ", WIDTH, "%s %s: %s, from %s%s%s",
			   summary_layer_name(w->s, p->layer), p->reason,
			   text_figure("ns/op", p->ns.mid, cost), p->workload,
			   p->with[0] ? "; includes " : "", p->with);
	}
}

static void add_remarks(const struct why *w, struct buf *out)
{
	if (w->counts.remarks)
		buf_addstr(out, "\nNot counted, or noticed while counting\n");
	for (size_t i = 0; i < w->counts.remarks; i++) {
		const struct exit_remark *r = &w->counts.remark[i];

		text_wrapf(out, "  ", WIDTH, "%s in %s (%s, boot %" PRIu32 "): %s",
			   summary_layer_name(w->s, r->layer),
			   summary_layer_name(w->s, r->counted_in), r->source, r->boot, r->text);
	}
}

static void add_memory(const struct why *w, const struct why_filter *f, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < w->memory.rows; i++) {
		const struct memory_row *row = &w->memory.row[i];

		if (!why_shows_work(f, row->series->workload, row->series->layer))
			continue;
		if (!any) {
			buf_addstr(out, "\n");
			memory_path_titles(out);
		}
		any = true;
		memory_row_format(w->s, row, out);
	}
}

static void add_result(const struct why *w, const struct why_filter *f, struct buf *out)
{
	size_t explained = 0, all = 0;

	for (size_t i = 0; i < w->items; i++)
		if (why_shows(f, &w->item[i]) && !w->item[i].is_basis &&
		    !isnan(w->item[i].share.mid)) {
			all++;
			explained += w->item[i].is_explained;
		}
	if (all)
		buf_addf(out,
			 "\n%zu of %zu explained: at least %.0f %% of the time beyond the parent "
			 "layer, and the whole\nwithin %.0f %%.\n",
			 explained, all, 100 * WHY_EXPLAINED, 100 * WHY_NEAR);
}

void why_format(const struct why *w, const struct why_filter *f, struct buf *out)
{
	uint32_t layer = LAYER_NO_PARENT;

	for (size_t i = 0; i < w->items; i++) {
		const struct why_item *item = &w->item[i];

		if (!why_shows(f, item))
			continue;
		if (item->entry->layer != layer)
			add_layer(w, item, out);
		layer = item->entry->layer;
		add_item(w, item, out);
	}
	if (layer == LAYER_NO_PARENT)
		buf_addstr(out, w->counts.count ? "No workload that was asked for has counts.\n"
						: "No exits were counted in this run.\n");
	add_memory(w, f, out);
	add_prices(w, f, out);
	add_result(w, f, out);
	add_remarks(w, out);
}
