/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of a comparison: names, figures, changes. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/str.h"
#include "results/compare/compare_parts.h"
#include "results/rundir/params.h"
#include "results/table/text.h"

const char *change_name(enum change c)
{
	static const char *const names[] = {[CHANGE_WORSE] = "worse",
					    [CHANGE_NOT_RESOLVED] = "not resolved",
					    [CHANGE_BETTER] = "better",
					    [CHANGE_SAME] = "same"};

	return names[c];
}

static const char *const titles[] = {[CHANGE_WORSE] = "Worse",
				     [CHANGE_NOT_RESOLVED] = "Not resolved",
				     [CHANGE_BETTER] = "Better",
				     [CHANGE_SAME] = "Same"};

size_t compare_count(const struct compare_list *l, enum change change)
{
	size_t count = 0;

	for (size_t i = 0; i < l->count; i++)
		count += l->item[i].change == change;
	return count;
}

static bool is_shown(enum change change, bool all)
{
	return all || change == CHANGE_WORSE || change == CHANGE_BETTER;
}

void compare_add_groups(const struct compare_list *l, bool all,
			void (*add_line)(const struct compare_item *item, struct text_table *t),
			struct text_table *t)
{
	static const enum change order[] = {CHANGE_WORSE, CHANGE_BETTER, CHANGE_NOT_RESOLVED,
					    CHANGE_SAME};

	for (size_t k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		size_t count = compare_count(l, order[k]);
		bool shown = is_shown(order[k], all);

		buf_addf(t->out, "%s: %zu of %zu%s\n", titles[order[k]], count, l->count,
			 count && !shown ? " (--all shows them)" : "");
		for (size_t i = 0; i < l->count && shown; i++)
			if (l->item[i].change == order[k])
				add_line(&l->item[i], t);
	}
}

void compare_label(const struct compare_item *item, struct buf *out)
{
	char text[TEXT_LABEL], threads[THREADS_TEXT];

	buf_addstr(out, csv_printable(item->workload, text, sizeof(text)));
	if (item->params[0])
		buf_addf(out, " %s", csv_printable(item->params, text, sizeof(text)));
	if (item->threads != 1)
		buf_addf(out, " %s", threads_word(item->threads, threads));
}

/* The source that needs no mention: the tracepoint of exits. */
static const char count_by_reason[] = "kvm_exit";

static void add_name(char text[COMPARE_WHAT], const char *name, uint32_t layer)
{
	if (name)
		str_addf(text, COMPARE_WHAT, "%s", name);
	else
		str_addf(text, COMPARE_WHAT, "L%" PRIu32, layer);
}

const char *compare_layer(const struct compare_item *item, char text[COMPARE_WHAT])
{
	text[0] = '\0';
	add_name(text, item->layer_name, item->layer);
	return text;
}

const char *compare_over(const struct compare_item *item, char text[COMPARE_WHAT])
{
	text[0] = '\0';
	add_name(text, item->over_name, item->over);
	return text;
}

const char *compare_measured(const struct compare_item *item, char text[COMPARE_WHAT])
{
	text[0] = '\0';
	add_name(text, item->measured_name, item->measured);
	return text;
}

static const char *exits_what(const struct compare_item *item, char text[COMPARE_WHAT])
{
	char part[EXITS_REASON];

	str_addf(text, COMPARE_WHAT, " %s exits", csv_printable(item->reason, part, sizeof(part)));
	if (strcmp(item->source, count_by_reason) != 0)
		str_addf(text, COMPARE_WHAT, " by %s",
			 csv_printable(item->source, part, sizeof(part)));
	if (item->measured != item->layer) {
		str_addf(text, COMPARE_WHAT, " (work in ");
		add_name(text, item->measured_name, item->measured);
		str_addf(text, COMPARE_WHAT, ")");
	}
	return text;
}

const char *compare_what(const struct compare_item *item, char text[COMPARE_WHAT])
{
	compare_layer(item, text);
	if (item->reason)
		return exits_what(item, text);
	if (item->over == item->layer) {
		str_addf(text, COMPARE_WHAT, " %s",
			 strcmp(item->unit, "ns/op") == 0 ? "cost" : "size");
		return text;
	}
	str_addf(text, COMPARE_WHAT, "%s", item->layer_name ? " over " : "/");
	add_name(text, item->over_name, item->over);
	return text;
}

const char *compare_level(const struct compare_item *item, double x, char text[COMPARE_TEXT])
{
	return text_figure(item->unit, x, text);
}

const char *compare_change(const struct compare_item *item, char text[COMPARE_TEXT])
{
	double mid = 100 * (item->ratio.mid - 1), low = 100 * (item->ratio.low - 1),
	       high = 100 * (item->ratio.high - 1);
	int digits = (fabs(mid) < 9.95 ? 1 : 0) + (item->reason && fabs(mid) < 99.5 ? 1 : 0);

	if (isinf(mid))
		snprintf(text, TEXT_SHORT, "from none");
	else if (isnan(low))
		snprintf(text, TEXT_SHORT, "%+.*f %%", digits, mid);
	else if (high > 99999)
		snprintf(text, TEXT_SHORT, "%+.3g %% [%+.3g, %+.3g]", mid, low, high);
	else
		snprintf(text, TEXT_SHORT, "%+.*f %% [%+.*f, %+.*f]", digits, mid, digits, low,
			 digits, high);
	return text;
}

const char *compare_p(const struct compare_item *item, char text[COMPARE_TEXT])
{
	if (isnan(item->ratio.low))
		snprintf(text, TEXT_SHORT, "-");
	else if (item->p < 0.0001)
		snprintf(text, TEXT_SHORT, "<0.0001");
	else
		snprintf(text, TEXT_SHORT, "%.4f", item->p);
	return text;
}

static void add_markdown_line(const struct compare_item *item, struct buf *out)
{
	char text[TEXT_SHORT], what[COMPARE_WHAT];
	struct buf label = BUF_INIT;

	compare_label(item, &label);
	buf_addstr(out, "| ");
	escape_backslash(out, buf_str(&label), ESCAPE_MARKDOWN);
	buf_addf(out, " | %s | %s ", compare_what(item, what),
		 compare_level(item, item->base, text));
	buf_addf(out, "| %s ", compare_level(item, item->new, text));
	buf_addf(out, "| %s ", compare_change(item, text));
	buf_addf(out, "| %s | %s |\n", compare_p(item, text), change_name(item->change));
	buf_done(&label, out);
}

void compare_add_markdown(const struct compare_list *l, bool all, struct buf *out)
{
	size_t rows = 0;

	for (size_t i = 0; i < l->count; i++) {
		if (!is_shown(l->item[i].change, all))
			continue;
		if (rows++ == 0)
			buf_addstr(out, "| workload | what | base | new | change | p | verdict |\n"
					"|:--|:--|--:|--:|:--|--:|:--|\n");
		add_markdown_line(&l->item[i], out);
	}
	buf_addstr(out, rows ? "\n" : "");
}
