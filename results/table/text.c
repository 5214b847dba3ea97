/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/table/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/params.h"

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static void add_blanks(struct buf *out, size_t count)
{
	buf_addf(out, "%*s", (int)count, "");
}

void text_pad(struct buf *out, const char *text, size_t width)
{
	size_t columns = text_columns(text), taken = 0;
	const char *end = text;

	if (columns <= width) {
		buf_addstr(out, text);
		add_blanks(out, width - columns);
		return;
	}
	for (; *end; end++)
		if (!is_continuation(*end) && ++taken == width)
			break;
	buf_add(out, text, (size_t)(end - text));
	buf_addstr(out, "…");
}

void text_pad_left(struct buf *out, const char *text, size_t width)
{
	size_t columns = text_columns(text);

	add_blanks(out, columns < width ? width - columns : 0);
	buf_addstr(out, text);
}

void text_end_row(struct text_table *t, const char *more)
{
	struct buf *out = t->out;

	while (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	buf_addf(out, "%s%s\n", *more ? "  " : "", more);
	t->at = 0;
}

void text_cell(struct text_table *t, const char *fmt, ...)
{
	const struct text_column *column = &t->column[t->at];
	struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&text, fmt, ap);
	va_end(ap);
	if (t->at++ == 0)
		buf_addstr(t->out, "  ");
	if (column->width < 0)
		text_pad(t->out, buf_str(&text), (size_t)-column->width);
	else
		text_pad_left(t->out, buf_str(&text), (size_t)column->width);
	add_blanks(t->out, column->gap);
	if (t->at == t->columns)
		text_end_row(t, "");
	buf_done(&text, t->out);
}

void text_titles(struct text_table *t)
{
	for (size_t i = 0; i < t->columns; i++)
		text_cell(t, "%s", t->column[i].title);
}

/* The length of the piece of a title that fits a column: up to a blank, or else within a word. */
static size_t title_piece(const char *title, size_t width)
{
	size_t word = 0, part = 0;

	if (strlen(title) <= width)
		return strlen(title);
	for (size_t i = 0; i < width; i++)
		if (title[i] == ' ')
			word = i + 1;
		else if (title[i] == '/' || title[i] == ':')
			part = i + 1;
	return word ? word : part ? part : width;
}

void text_wrapped_titles(struct text_table *t)
{
	size_t taken[TEXT_COLUMNS] = {0};

	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < t->columns; i++) {
			const char *rest = t->column[i].title + taken[i];
			int width = abs(t->column[i].width);
			size_t len = title_piece(rest, width ? (size_t)width : strlen(rest));

			text_cell(t, "%.*s", (int)len, rest);
			taken[i] += len;
			more |= rest[len] != '\0';
		}
	}
}

/* Decimals for about three significant digits. */
static int digits_for(double x)
{
	x = fabs(x);
	return x >= 99.95 ? 0 : x >= 9.995 ? 1 : x >= 0.9995 ? 2 : x >= 0.00995 ? 3 : 4;
}

const char *text_percent(double share, char text[TEXT_SHORT])
{
	snprintf(text, TEXT_SHORT, "%.*f", digits_for(100 * share), 100 * share);
	return text;
}

const char *text_share(const struct estimate *share, char text[TEXT_SHORT])
{
	int digits = digits_for(100 * share->mid);

	if (isnan(share->mid))
		snprintf(text, TEXT_SHORT, "-");
	else if (isnan(share->low))
		snprintf(text, TEXT_SHORT, "%.*f %%", digits, 100 * share->mid);
	else
		snprintf(text, TEXT_SHORT, "%.*f %% [%.*f, %.*f]", digits, 100 * share->mid, digits,
			 100 * share->low, digits, 100 * share->high);
	return text;
}

const char *text_ratio(double ratio, char text[TEXT_SHORT])
{
	if (ratio >= 99999.5)
		snprintf(text, TEXT_SHORT, "%.2g", ratio);
	else
		snprintf(text, TEXT_SHORT, "%.*f", digits_for(ratio), ratio);
	return text;
}

const char *text_figure(const char *unit, double x, char text[TEXT_SHORT])
{
	char ratio[TEXT_SHORT];

	if (isnan(x))
		snprintf(text, TEXT_SHORT, "-");
	else if (strcmp(unit, "bytes") == 0)
		format_size_short((uint64_t)x, text);
	else if (strcmp(unit, "cpus") == 0)
		snprintf(text, TEXT_SHORT, "%.*f CPUs", digits_for(x), x);
	else if (strcmp(unit, "ratio") == 0)
		snprintf(text, TEXT_SHORT, "×%s", text_ratio(x, ratio));
	else if (strcmp(unit, "exits/op") == 0)
		snprintf(text, TEXT_SHORT, "%.5g/op", x);
	else
		format_duration_short(x, text);
	return text;
}

const char *text_cost(const struct summary_entry *e, double cost, char text[TEXT_SHORT])
{
	return text_figure(e->unit, cost, text);
}

const char *text_layer(const struct summary *s, uint32_t layer, char text[TEXT_LABEL])
{
	const struct summary_layer *l = &s->layer[layer];
	const char *how = "";

	if (l->cpu == CPU_EMULATED)
		how = layer && l->emulated ? ", emulated" : " on emulated CPU";
	else if (l->cpu == CPU_UNKNOWN && strcmp(l->accel, "unknown") != 0)
		how = " on unknown CPU";
	if (layer == 0 || s->is_tree)
		snprintf(text, TEXT_LABEL, "%s%s", summary_layer_name(s, layer), how);
	else
		snprintf(text, TEXT_LABEL, "%s %s%s", summary_layer_name(s, layer), l->accel, how);
	return text;
}

void text_way(const struct summary *s, uint32_t layer, struct buf *out)
{
	if (summary_parent(s, layer) != LAYER_NO_PARENT) {
		text_way(s, summary_parent(s, layer), out);
		buf_addstr(out, " > ");
	}
	buf_addstr(out, summary_layer_name(s, layer));
}

/* Whether all variants of a workload have the same parameter, so that it need not be shown. */
static bool has_everywhere(const struct summary *s, const char *workload, const char *word,
			   size_t len)
{
	for (size_t i = 0; i < s->entries; i++) {
		const char *at = s->entry[i].params;
		bool found = false;

		if (strcmp(s->entry[i].workload, workload) != 0)
			continue;
		while (*at && !found) {
			size_t other = strcspn(at, " ");

			found = other == len && memcmp(at, word, len) == 0;
			at += other;
			at += strspn(at, " ");
		}
		if (!found)
			return false;
	}
	return true;
}

const char *text_remark(const struct summary_entry *e, char text[TEXT_REMARK])
{
	char p50[TEXT_SHORT], p99[TEXT_SHORT], max[TEXT_SHORT];
	const char *more = e->remark ? e->remark : "";

	if (isnan(e->latency.max))
		snprintf(text, TEXT_REMARK, "%s", more);
	else
		snprintf(text, TEXT_REMARK, "p50 %s, p99 %s, max %s%s%s",
			 text_cost(e, e->latency.p50, p50), text_cost(e, e->latency.p99, p99),
			 text_cost(e, e->latency.max, max), more[0] ? "; " : "", more);
	return text;
}

const char *text_workload_without(const struct summary *s, const struct summary_entry *e,
				  const char *left_out, char text[TEXT_LABEL])
{
	size_t left = strlen(left_out);
	char threads_text[THREADS_TEXT];
	bool threads = false;

	for (size_t i = 0; i < s->entries; i++)
		threads |= strcmp(s->entry[i].workload, e->workload) == 0 &&
			   s->entry[i].threads != e->threads;
	text[0] = '\0';
	str_addf(text, TEXT_LABEL, "%s", e->workload);
	for (const char *word = e->params; *word; word += strspn(word, " ")) {
		int len = (int)strcspn(word, " ");
		bool kept = left == 0 || strncmp(word, left_out, left) != 0 || word[left] != '=';

		if (kept && !has_everywhere(s, e->workload, word, (size_t)len))
			str_addf(text, TEXT_LABEL, " %.*s", len, word);
		word += len;
	}
	if (threads && strcmp(left_out, "threads") != 0)
		str_addf(text, TEXT_LABEL, " %s", threads_word(e->threads, threads_text));
	return csv_printable(text, text, TEXT_LABEL);
}

const char *text_workload(const struct summary *s, const struct summary_entry *e,
			  char text[TEXT_LABEL])
{
	return text_workload_without(s, e, "", text);
}
