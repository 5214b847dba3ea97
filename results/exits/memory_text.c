/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory path as text and as JSON. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/json.h"
#include "lib/wrap.h"
#include "results/exits/memory.h"
#include "results/summary/estimate.h"
#include "results/table/text.h"

enum { WIDTH = 98 };

/* Shares that are all but none, or all. */
#define NEXT_TO_NONE 0.01

const char *memory_backed_by(const struct memory_row *row, char text[MEMORY_TEXT])
{
	if (isnan(row->small))
		snprintf(text, MEMORY_TEXT, "-");
	else if (row->small < NEXT_TO_NONE)
		snprintf(text, MEMORY_TEXT, "2 MiB");
	else if (row->small > 1 - NEXT_TO_NONE)
		snprintf(text, MEMORY_TEXT, "4 KiB");
	else
		snprintf(text, MEMORY_TEXT, "4 KiB (%.0f %%) and 2 MiB", 100 * row->small);
	return text;
}

const char *memory_split(const struct summary *s, const struct memory_row *row,
			 char text[MEMORY_TEXT])
{
	const char *parent = summary_layer_name(s, row->series->counted_in);

	text[0] = '\0';
	if (row->is_huge && row->small >= NEXT_TO_NONE)
		snprintf(text, MEMORY_TEXT,
			 "split: %.0f %% of these huge pages of the layer lie in pages of 4 KiB in "
			 "%s",
			 100 * row->small, parent);
	else if (row->split)
		snprintf(text, MEMORY_TEXT,
			 "split: %s lost %" PRIu64 " huge pages behind the layer to pages of 4 KiB "
			 "meanwhile",
			 parent, row->split);
	return text;
}

static const struct text_column columns[] = {
	{"workload", -40, 1},	   {"layer", -5, 1},	{"per page", 8, 1},
	{"95 % interval", -19, 1}, {"by reason", 9, 1}, {"backed by", 0, 0},
};

void memory_path_titles(struct buf *out)
{
	struct text_table t = TEXT_TABLE(out, columns);

	buf_addstr(out, "Memory path: page faults that the parent layer fixes, per 4 KiB page "
			"touched\n");
	text_titles(&t);
}

const char *memory_parent_thp(const struct summary *s, const struct memory_row *row)
{
	return layers_first(&s->facts, row->series->counted_in, "thp");
}

static const char *rate(double x, char text[TEXT_SHORT])
{
	if (isnan(x))
		snprintf(text, TEXT_SHORT, "-");
	else
		snprintf(text, TEXT_SHORT, "%.*f", fabs(x) < 0.1 ? 5 : 3, fmax(0, x));
	return text;
}

static const char *interval(const struct estimate *e, char text[TEXT_SHORT])
{
	char low[TEXT_SHORT], high[TEXT_SHORT];

	if (isnan(e->low) || isnan(e->high))
		snprintf(text, TEXT_SHORT, "-");
	else
		snprintf(text, TEXT_SHORT, "[%.28s, %.28s]", rate(e->low, low),
			 rate(e->high, high));
	return text;
}

const char *memory_work_name(const struct summary *s, const struct memory_row *row,
			     char text[TEXT_LABEL])
{
	const struct exit_series *of = row->series;
	const struct summary_entry *e =
		summary_find(s, of->workload, of->params, of->threads, of->layer);

	if (e)
		return text_workload(s, e, text);
	snprintf(text, TEXT_LABEL, "%s %s", of->workload, of->params);
	return text;
}

static void add_range(struct buf *out, const struct memory_range *r)
{
	if (r->low == r->high)
		buf_addf(out, "%" PRIu64, r->low);
	else
		buf_addf(out, "%" PRIu64 " to %" PRIu64, r->low, r->high);
}

static void add_maps(const struct summary *s, const struct memory_row *row, struct buf *out)
{
	const char *thp = memory_parent_thp(s, row);
	struct buf line = BUF_INIT;

	if (row->has_maps) {
		buf_addf(&line, "%s%s%s%s maps all of the layer by ",
			 summary_layer_name(s, row->series->counted_in), thp ? " (THP: " : "",
			 thp ? thp : "", thp ? ")" : "");
		add_range(&line, &row->maps_4k);
		buf_addstr(&line, " pages of 4 KiB and ");
		add_range(&line, &row->maps_2m);
		buf_addstr(&line, " of 2 MiB");
		text_wrapf(out, "    ", WIDTH, "%s", buf_str(&line));
	}
	buf_done(&line, out);
}

void memory_row_format(const struct summary *s, const struct memory_row *row, struct buf *out)
{
	struct text_table t = TEXT_TABLE(out, columns);
	char name[TEXT_LABEL], text[TEXT_SHORT], more[MEMORY_TEXT];

	text_cell(&t, "%s", memory_work_name(s, row, name));
	text_cell(&t, "%s", summary_layer_name(s, row->series->layer));
	text_cell(&t, "%s", rate(row->faults.mid, text));
	text_cell(&t, "%s", interval(&row->faults, text));
	text_cell(&t, "%s", rate(row->exits.mid, text));
	text_cell(&t, "%s", memory_backed_by(row, more));
	add_maps(s, row, out);
	if (memory_split(s, row, more)[0])
		text_wrapf(out, "    ", WIDTH, "%s", more);
}

static json_t *json_range(const struct memory_row *row, const struct memory_range *r)
{
	if (!row->has_maps)
		return json_null();
	return json_pack("{s:I, s:I}", "low", (json_int_t)r->low, "high", (json_int_t)r->high);
}

json_t *memory_row_json(const struct summary *s, const struct memory_row *row)
{
	const struct exit_series *of = row->series;
	const char *thp = memory_parent_thp(s, row);
	char split[MEMORY_TEXT];
	json_t *o = json_object();

	o = json_with(o, "workload", json_string(of->workload));
	o = json_with(o, "params", json_string(of->params));
	o = json_with(o, "threads", json_integer(of->threads));
	o = json_with(o, "layer", json_string(summary_layer_name(s, of->layer)));
	o = json_with(o, "counted_in", json_string(summary_layer_name(s, of->counted_in)));
	o = json_with(o, "faults_per_4k_page", estimate_json(&row->faults));
	o = json_with(o, "exits_per_4k_page", estimate_json(&row->exits));
	o = json_with(o, "backed_by_4k_share", json_real_or_null(row->small));
	o = json_with(o, "maps_4k", json_range(row, &row->maps_4k));
	o = json_with(o, "maps_2m", json_range(row, &row->maps_2m));
	o = json_with(o, "parent_thp", thp ? json_string(thp) : json_null());
	o = json_with(o, "huge_pages_split", json_integer((json_int_t)row->split));
	return json_with(o, "split",
			 memory_split(s, row, split)[0] ? json_string(split) : json_null());
}
