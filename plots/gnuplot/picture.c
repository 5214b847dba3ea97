/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/gnuplot/picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/printable.h"

/* gnuplot takes quotes in a field for its own, and does not escape the ">" of "]]>", which XML does
 * not know in a text. */
static void add_text(struct picture *p, const char *text)
{
	char *shown = strdup(text);

	if (!shown) {
		p->data.failed = true;
		return;
	}
	for (char *c = printable(shown); *c; c++)
		if (*c == '"' || strncmp(c, "]]>", 3) == 0)
			*c = '?';
	buf_addstr(&p->data, shown);
	free(shown);
}

void picture_note(struct picture *p, const char *key, const char *text)
{
	/* gnuplot 5.4 takes an empty field for the end of the one before. */
	if (!text[0])
		return;
	buf_addf(&p->data, "# %s\t", key);
	add_text(p, text);
	buf_addstr(&p->data, "\n");
}

static void add_run_line(struct buf *out, const struct summary *s)
{
	const struct manifest *m = &s->manifest;

	if (m->run[0])
		buf_addf(out, "run %s%s%s, ", m->run, m->host[0] ? " on " : "", m->host);
	buf_addf(out, "%zu round%s ", s->rounds, s->rounds == 1 ? "" : "s");
	if (s->boots == 1)
		buf_addstr(out, "within one boot");
	else
		buf_addf(out, "in each of %zu boots", s->boots);
	if (m->state == RUN_INTERRUPTED)
		buf_addstr(out, "; INTERRUPTED");
}

/* Of the layers that have rows. */
static uint32_t first_seen(const struct summary *s, enum layer_cpu cpu)
{
	uint32_t k = summary_first_cpu(s, cpu);

	while (k < s->layers && !(s->layer[k].seen && s->layer[k].cpu == cpu))
		k++;
	return k;
}

/* All that have rows and such a CPU. */
static void list_layers(struct buf *out, const struct summary *s, enum layer_cpu cpu,
			const char *what)
{
	bool any = false;

	for (uint32_t k = 0; k < s->layers; k++) {
		if (!s->layer[k].seen || s->layer[k].cpu != cpu)
			continue;
		buf_addf(out, "%s%s%s",
			 any	    ? ", "
			 : out->len ? "; "
				    : "",
			 any ? "" : what, summary_layer_name(s, k));
		any = true;
	}
}

static void add_warning_line(struct buf *out, const struct summary *s)
{
	uint32_t emulated = first_seen(s, CPU_EMULATED), unknown = first_seen(s, CPU_UNKNOWN);

	if (s->is_tree) {
		list_layers(out, s, CPU_EMULATED, "EMULATED CPU in ");
		list_layers(out, s, CPU_UNKNOWN, "unknown CPU in ");
	} else if (emulated < s->layers) {
		buf_addf(out, "EMULATED CPU from L%" PRIu32 " on", emulated);
		if (unknown < emulated)
			buf_addf(out, ", perhaps from L%" PRIu32, unknown);
		buf_addstr(out, ": the shape of the cost, not what hardware would give");
	} else if (unknown < s->layers)
		buf_addf(out,
			 "Unknown CPU from L%" PRIu32 " on: whether it was emulated was not said",
			 unknown);
	if (s->manifest.host_is_vm)
		buf_addf(out, "%sL0 is itself a VM", out->len ? ".  " : "");
}

void picture_notes(struct picture *p, const struct summary *s, const char *remark)
{
	struct buf line = BUF_INIT;
	char text[TEXT_LABEL], key[16];

	add_run_line(&line, s);
	picture_note(p, "run", buf_str(&line));
	buf_clear(&line);
	add_warning_line(&line, s);
	picture_note(p, "warning", buf_str(&line));
	if (remark)
		picture_note(p, "remark", remark);
	for (uint32_t k = 0; k < s->layers; k++) {
		snprintf(key, sizeof(key), "L%" PRIu32, k);
		picture_note(p, key, text_layer(s, k, text));
	}
	for (uint32_t k = 0; k < s->layers && s->is_tree; k++)
		picture_note(p, "name", summary_layer_name(s, k));
	buf_done(&line, &p->data);
}

void picture_columns(struct picture *p, const char *index, const char *columns)
{
	buf_addf(&p->data, "%s\tlayer\tname\t%s\n", index, columns);
}

/* Takes the end of the last line back, so that another column can follow. */
static void reopen(struct picture *p)
{
	if (p->data.len && !p->data.failed)
		p->data.data[--p->data.len] = '\0';
}

static void add_number(struct picture *p, double x)
{
	if (isnan(x))
		buf_addstr(&p->data, "NaN");
	else
		buf_addf(&p->data, "%.6g", x);
}

void picture_row(struct picture *p, double index, uint32_t layer, const char *name)
{
	add_number(p, index);
	buf_addf(&p->data, "\t%" PRIu32 "\t", layer);
	add_text(p, name);
	buf_addstr(&p->data, "\n");
}

void picture_number(struct picture *p, double x)
{
	reopen(p);
	buf_addstr(&p->data, "\t");
	add_number(p, x);
	buf_addstr(&p->data, "\n");
}

void picture_estimate(struct picture *p, const struct estimate *e, double scale)
{
	picture_number(p, e ? scale * e->mid : NAN);
	picture_number(p, e ? scale * e->low : NAN);
	picture_number(p, e ? scale * e->high : NAN);
}

void picture_text(struct picture *p, const char *text)
{
	reopen(p);
	buf_addstr(&p->data, "\t");
	add_text(p, text);
	buf_addstr(&p->data, "\n");
}

void picture_gap(struct picture *p)
{
	size_t len = p->data.len;

	/* Two blank lines would begin another table, with names of columns of its own. */
	if (len > 1 && p->data.data[len - 2] != '\n')
		buf_addstr(&p->data, "\n");
}

size_t picture_panels(struct picture *p, const struct summary *s, const struct panels *how)
{
	char text[TEXT_LABEL];
	size_t panels = 0;

	grid_layers(&p->table, s, how->head, 0, NULL);
	for (size_t i = 0; i < s->entries;) {
		struct family work = family_at(s, i);

		i += work.count;
		if (!how->is_drawn(&work))
			continue;
		grid_add(&p->table, text_workload(s, work.first, text));
		for (uint32_t k = 0; k < s->layers; k++)
			how->add_cell(&p->table, family_layer(&work, k));
		for (size_t k = 0; k < work.count && panels < PANELS_MAX; k++)
			how->add_data(p, &work.first[k], panels, text);
		panels++;
	}
	snprintf(text, sizeof(text), "the first %d workloads", PANELS_MAX);
	if (panels > PANELS_MAX)
		picture_note(p, "remark", text);
	return panels;
}

const char *picture_whiskers(const struct summary *s)
{
	return s->boots == 1 && s->rounds < 6 ? "medians; no intervals below 6 rounds"
					      : "medians with 95 % intervals";
}

void picture_release(struct picture *p)
{
	buf_release(&p->data);
	grid_release(&p->table);
}

void grid_layers(struct grid *g, const struct summary *s, const char *name, uint32_t first,
		 const char *last)
{
	char text[TEXT_LABEL];

	grid_begin(g, s->layers - first + 1 + (last != NULL));
	grid_add(g, name);
	for (uint32_t k = first; k < s->layers; k++)
		grid_add(g, text_layer(s, k, text));
	if (last)
		grid_add(g, last);
}

const char *ratio_text(const struct estimate *ratio, char text[TEXT_LABEL])
{
	char mid[TEXT_SHORT], low[TEXT_SHORT], high[TEXT_SHORT];

	if (isnan(ratio->mid))
		snprintf(text, TEXT_LABEL, "–");
	else if (isnan(ratio->low))
		snprintf(text, TEXT_LABEL, "%s", text_ratio(ratio->mid, mid));
	else
		snprintf(text, TEXT_LABEL, "%s [%s, %s]", text_ratio(ratio->mid, mid),
			 text_ratio(ratio->low, low), text_ratio(ratio->high, high));
	return text;
}
