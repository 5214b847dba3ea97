/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/summary/summary_parts.h"
#include "results/summary/tax.h"
#include "results/table/kinds_write.h"
#include "results/table/text.h"
#include "results/table/words.h"

/* Layers in one block; deeper ones are in further blocks. */
enum {
	WIDTH = 96,
	SIDE_BY_SIDE = 3,
	NAME_WIDTH = 23,
	COST_WIDTH = 11,
	RATIO_WIDTH = 8,
	FLAGS_WIDTH = 10
};

/* The layers of one block below L0: those from first up to end. */
struct block {
	const struct summary *s;
	uint32_t first, end;
};

static void add_heading(const struct summary *s, struct buf *out)
{
	const struct manifest *m = &s->manifest;
	char run[MANIFEST_NAME], host[MANIFEST_NAME];

	if (m->run[0])
		buf_addf(out, "Run %s on %s", csv_printable(m->run, run, sizeof(run)),
			 csv_printable(m->host, host, sizeof(host)));
	else
		buf_addstr(out, "A run without a manifest");
	buf_addf(out, ": %zu round%s in %zu boot%s, %" PRIu64 " rows\n", s->rounds,
		 s->rounds == 1 ? "" : "s", s->boots, s->boots == 1 ? "" : "s", s->rows);
}

static const char *share_cell(const struct summary_class *c, char text[TEXT_SHORT])
{
	return text_share(&c->share, text);
}

static const char *step_cell(const struct summary_class *c, char text[TEXT_SHORT])
{
	(void)text;
	return verdict_name(c->step);
}

/* A row for each class, a column for each layer of the block; after the last one, the trend. */
static void add_class_block(const struct block *b, bool with_trend,
			    const char *(*cell)(const struct summary_class *c,
						char text[TEXT_SHORT]),
			    struct buf *out)
{
	struct text_column columns[SIDE_BY_SIDE + 2] = {{"", -10, 0}};
	struct text_table t = {.out = out, .column = columns, .columns = 1};
	char title[SIDE_BY_SIDE][TEXT_LABEL], text[TEXT_SHORT];
	const struct summary *s = b->s;

	with_trend &= b->end == s->layers;
	for (uint32_t k = b->first; k < b->end; k++)
		columns[t.columns++] =
			(struct text_column){text_layer(s, k, title[k - b->first]), -22, 2};
	if (with_trend)
		columns[t.columns++] = (struct text_column){"trend with depth", 0, 0};
	if (s->is_tree)
		text_wrapped_titles(&t);
	else
		text_titles(&t);
	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *class = &s->class[i], *c;

		if (!summary_is_shown(class))
			continue;
		text_cell(&t, "%s", csv_printable(class->class, text, sizeof(text)));
		for (uint32_t k = b->first; k < b->end; k++) {
			c = summary_find_class(s, class->class, k);
			text_cell(&t, "%s", c ? cell(c, text) : "-");
		}
		if (with_trend)
			text_cell(&t, "%s", verdict_name(class->verdict));
	}
}

/* The trend is one of a chain. */
static void add_share_block(const struct block *b, struct buf *out)
{
	add_class_block(b, !b->s->is_tree, share_cell, out);
}

static void add_step_block(const struct block *b, struct buf *out)
{
	add_class_block(b, false, step_cell, out);
}

/* Flags of a workload that are not remarks on the whole run below. */
static void add_oddities(const struct family *work, struct text_table *t)
{
	struct summary_entry sum = {0};
	struct buf flags = BUF_INIT;

	for (size_t i = 0; i < work->count; i++) {
		const struct summary_entry *e = &work->first[i];

		sum.flags |= e->flags & FLAGS_OWN;
		sum.suspect += e->suspect;
		sum.failed += e->failed;
		sum.skipped += e->skipped;
		sum.timed_out += e->timed_out;
	}
	summary_format_flags(&sum, &flags);
	text_end_row(t, buf_str(&flags));
	buf_done(&flags, t->out);
}

/* One workload in the layers of a block; every block has L0. */
static void add_cost_line(const struct block *b, const struct family *work, struct text_table *t)
{
	char text[TEXT_SHORT], label[TEXT_LABEL];

	/* Not truncated: variants of a workload would look alike. */
	if (strlen(text_workload(b->s, work->first, label)) >= (size_t)-t->column->width) {
		buf_addf(t->out, "  %s\n", label);
		label[0] = '\0';
	}
	text_cell(t, "%s", label);
	for (uint32_t k = 0; k < b->end; k++) {
		const struct summary_entry *e = family_layer(work, k);

		if (k > 0 && k < b->first)
			continue;
		text_cell(t, "%s", e ? text_cost(e, e->cost.mid, text) : "-");
		if (k)
			text_cell(t, "%s",
				  e && !isnan(e->ratio_l0.mid)
					  ? text_figure("ratio", e->ratio_l0.mid, text)
					  : "");
	}
	add_oddities(work, t);
}

/* The width of the column of names: what the line leaves. */
static size_t name_width(const struct block *b)
{
	size_t taken =
		2 + COST_WIDTH + (b->end - b->first) * (COST_WIDTH + 1 + RATIO_WIDTH) + FLAGS_WIDTH;
	size_t width = NAME_WIDTH;
	char label[TEXT_LABEL];

	for (size_t i = 0; i < b->s->entries; i++) {
		size_t len = strlen(text_workload(b->s, &b->s->entry[i], label)) + 1;

		if (len > width && taken + len <= WIDTH)
			width = len;
	}
	return width;
}

static void add_cost_block(const struct block *b, struct buf *out)
{
	/* An empty column after the last keeps the flags close to the figures. */
	struct text_column columns[2 * SIDE_BY_SIDE + 3] = {{"", -(int)name_width(b), 0},
							    {"L0", COST_WIDTH, 0}};
	struct text_table t = {.out = out, .column = columns, .columns = 2};

	for (uint32_t k = b->first; k < b->end; k++) {
		columns[t.columns++] =
			(struct text_column){summary_layer_name(b->s, k), COST_WIDTH, 1};
		columns[t.columns++] = (struct text_column){"", -RATIO_WIDTH, 0};
	}
	columns[t.columns++] = (struct text_column){"", 0, 0};
	if (b->s->is_tree)
		text_wrapped_titles(&t);
	else
		text_titles(&t);
	for (size_t i = 0; i < b->s->entries;) {
		struct family work = family_at(b->s, i);

		add_cost_line(b, &work, &t);
		i += work.count;
	}
}

/* Calls add for blocks of the layers after L0, until all are shown; at least once with `always`. */
static void add_blocks(const struct summary *s, bool always,
		       void (*add)(const struct block *b, struct buf *out), struct buf *out)
{
	for (uint32_t first = 1; first < s->layers || (always && first == 1);
	     first += SIDE_BY_SIDE) {
		uint32_t end = first + SIDE_BY_SIDE < s->layers ? first + SIDE_BY_SIDE : s->layers;

		add(&(struct block){s, first, end > first ? end : first}, out);
	}
}

void table_format(const struct summary *s, struct buf *out)
{
	struct err err;

	add_heading(s, out);
	if (s->classes) {
		buf_addstr(out,
			   "\nUsable share of L0, for each kind of work: median [95 % interval]\n");
		add_blocks(s, false, add_share_block, out);
	}
	if (s->classes && s->is_tree) {
		buf_addstr(out, "\nDoes each added layer shrink what its parent layer has?\n");
		add_blocks(s, false, add_step_block, out);
	}
	out->failed |= tax_format(s, out, &err) < 0;
	if (s->entries) {
		buf_addstr(
			out,
			"\nTime per operation, and how many times that of L0 (capacity: size)\n");
		add_blocks(s, true, add_cost_block, out);
	}
	kinds_format(s, out);
	words_kinds(s, WIDTH, out);
	words_verdict(s, WIDTH, out);
	words_grounds(s, WIDTH, out);
}
