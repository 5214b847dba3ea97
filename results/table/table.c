/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/summary/tax.h"
#include "results/table/text.h"
#include "results/table/words.h"

/* Layers side by side; deeper ones come in a further block. */
enum {
	WIDTH = 96,
	SIDE_BY_SIDE = 3,
	CLASS_WIDTH = 10,
	SHARE_WIDTH = 24,
	NAME_WIDTH = 23,
	COST_WIDTH = 11,
	RATIO_WIDTH = 8,
	FLAGS_WIDTH = 10
};

static void trim(struct buf *out)
{
	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

static void end_line(struct buf *out)
{
	trim(out);
	buf_addstr(out, "\n");
}

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

static const struct summary_class *find_class(const struct summary *s, const char *class,
					      uint32_t layer)
{
	for (size_t i = 0; i < s->classes; i++)
		if (s->class[i].layer == layer && strcmp(s->class[i].class, class) == 0)
			return &s->class[i];
	return NULL;
}

static void add_share_line(const struct summary *s, const struct summary_class *class,
			   uint32_t first, uint32_t end, struct buf *out)
{
	char text[TEXT_SHORT], name[TEXT_SHORT];

	buf_addstr(out, "  ");
	text_pad(out, csv_printable(class->class, name, sizeof(name)), CLASS_WIDTH);
	for (uint32_t layer = first; layer < end; layer++) {
		const struct summary_class *c = find_class(s, class->class, layer);

		text_pad(out, c ? text_share(&c->share, text) : "-", SHARE_WIDTH - 2);
		buf_addstr(out, "  ");
	}
	if (end == s->layers)
		buf_addstr(out, verdict_name(class->verdict));
	end_line(out);
}

static void add_share_block(const struct summary *s, uint32_t first, uint32_t end, struct buf *out)
{
	char text[TEXT_SHORT];

	buf_addstr(out, "  ");
	text_pad(out, "", CLASS_WIDTH);
	for (uint32_t layer = first; layer < end; layer++) {
		text_pad(out, text_layer(s, layer, text), SHARE_WIDTH - 2);
		buf_addstr(out, "  ");
	}
	if (end == s->layers)
		buf_addstr(out, "trend with depth");
	end_line(out);
	for (size_t i = 0; i < s->classes; i++)
		if (s->class[i].layer == 1 && strcmp(s->class[i].class, "control") != 0)
			add_share_line(s, &s->class[i], first, end, out);
}

static void add_shares(const struct summary *s, struct buf *out)
{
	if (s->classes == 0)
		return;
	buf_addstr(out, "\nUsable share of L0, for each kind of work: median [95 % interval]\n");
	for (uint32_t first = 1; first < s->layers; first += SIDE_BY_SIDE)
		add_share_block(s, first,
				first + SIDE_BY_SIDE < s->layers ? first + SIDE_BY_SIDE : s->layers,
				out);
}

/* What is odd about a workload, apart from what is said of the whole run below. */
static void add_oddities(const struct summary *s, size_t index, size_t count, struct buf *out)
{
	struct summary_entry sum = {0};

	for (size_t i = index; i < index + count; i++) {
		const struct summary_entry *e = &s->entry[i];

		sum.flags |= e->flags & FLAGS_OWN;
		sum.suspect += e->suspect;
		sum.failed += e->failed;
		sum.skipped += e->skipped;
		sum.timed_out += e->timed_out;
	}
	if (sum.flags || sum.suspect || sum.failed || sum.skipped || sum.timed_out)
		buf_addstr(out, "  ");
	summary_format_flags(&sum, out);
}

/* One workload in the layers from first up to end; L0 stands in every block. */
static void add_cost_line(const struct summary *s, size_t index, size_t count, size_t width,
			  uint32_t first, uint32_t end, struct buf *out)
{
	char text[TEXT_SHORT], with_sign[TEXT_SHORT + 4], label[TEXT_LABEL];

	buf_addstr(out, "  ");
	/* Cut off, variants of a workload would look alike. */
	if (strlen(text_workload(s, &s->entry[index], label)) >= width) {
		buf_addf(out, "%s\n  ", label);
		label[0] = '\0';
	}
	text_pad(out, label, width);
	for (uint32_t layer = 0; layer < end; layer++) {
		const struct summary_entry *e = NULL;

		if (layer > 0 && layer < first)
			continue;
		for (size_t i = index; i < index + count; i++)
			if (s->entry[i].layer == layer)
				e = &s->entry[i];
		text_pad_left(out, e ? text_cost(e, e->cost.mid, text) : "-", COST_WIDTH);
		if (layer == 0)
			continue;
		with_sign[0] = '\0';
		if (e && !isnan(e->ratio_l0.mid))
			snprintf(with_sign, sizeof(with_sign), "×%s",
				 text_ratio(e->ratio_l0.mid, text));
		buf_addstr(out, " ");
		text_pad(out, with_sign, RATIO_WIDTH);
	}
	trim(out);
	add_oddities(s, index, count, out);
	buf_addstr(out, "\n");
}

static size_t variant_size(const struct summary *s, size_t index)
{
	const struct summary_entry *a = &s->entry[index];
	size_t count = 1;

	while (index + count < s->entries && a[count].threads == a->threads &&
	       strcmp(a[count].workload, a->workload) == 0 &&
	       strcmp(a[count].params, a->params) == 0)
		count++;
	return count;
}

/* Of the column of names, where so many layers stand side by side below L0: wide enough for what
 * the line has room for. */
static size_t name_width(const struct summary *s, uint32_t layers)
{
	size_t taken = 2 + COST_WIDTH + layers * (COST_WIDTH + 1 + RATIO_WIDTH) + FLAGS_WIDTH;
	size_t width = NAME_WIDTH;
	char label[TEXT_LABEL];

	for (size_t i = 0; i < s->entries; i++) {
		size_t len = strlen(text_workload(s, &s->entry[i], label)) + 1;

		if (len > width && taken + len <= WIDTH)
			width = len;
	}
	return width;
}

static void add_cost_block(const struct summary *s, uint32_t first, uint32_t end, struct buf *out)
{
	size_t width = name_width(s, end - first);
	char text[16];

	buf_addstr(out, "  ");
	text_pad(out, "", width);
	for (uint32_t layer = 0; layer < end; layer++) {
		if (layer > 0 && layer < first)
			continue;
		snprintf(text, sizeof(text), "L%" PRIu32, layer);
		text_pad_left(out, text, COST_WIDTH);
		if (layer > 0) {
			buf_addstr(out, " ");
			text_pad(out, "", layer + 1 < end ? RATIO_WIDTH : 0);
		}
	}
	end_line(out);
	for (size_t i = 0; i < s->entries; i += variant_size(s, i))
		add_cost_line(s, i, variant_size(s, i), width, first, end, out);
}

static void add_costs(const struct summary *s, struct buf *out)
{
	uint32_t first = 1;

	if (s->entries == 0)
		return;
	buf_addstr(out, "\nTime per operation, and how many times that of L0 (capacity: size)\n");
	do {
		uint32_t end = first + SIDE_BY_SIDE < s->layers ? first + SIDE_BY_SIDE : s->layers;

		add_cost_block(s, first, end > first ? end : first, out);
		first += SIDE_BY_SIDE;
	} while (first < s->layers);
}

void table_format(const struct summary *s, struct buf *out)
{
	struct err err;

	add_heading(s, out);
	add_shares(s, out);
	out->failed |= tax_format(s, out, &err) < 0;
	add_costs(s, out);
	words_verdict(s, WIDTH, out);
	words_grounds(s, WIDTH, out);
}
