/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of layers side by side, as tables and in sentences. */
#include "results/summary/kinds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "results/table/kinds_write.h"
#include "results/table/words.h"

enum { SIDE_BY_SIDE = 3, TITLE = 2 * LAYER_NAME + 8 };

const char *kinds_ratio(const struct estimate *ratio, char text[TEXT_LABEL])
{
	char mid[TEXT_SHORT], low[TEXT_SHORT], high[TEXT_SHORT];

	if (isnan(ratio->mid))
		return str_copy(text, TEXT_LABEL, "-");
	str_copy(text, TEXT_LABEL, "");
	str_addf(text, TEXT_LABEL, "×%s", text_ratio(ratio->mid, mid));
	if (!isnan(ratio->low))
		str_addf(text, TEXT_LABEL, " [%s, %s]", text_ratio(ratio->low, low),
			 text_ratio(ratio->high, high));
	return text;
}

size_t kinds_columns(const struct kinds *k, const struct kinds_group *g,
		     const struct kinds_pair *column[KINDS_COLUMNS])
{
	size_t count = 0;

	for (size_t i = 0; i < k->pairs; i++) {
		const struct kinds_pair *p = &k->pair[i];
		bool known = !(g->layers >> p->layer & 1);

		for (size_t n = 0; n < count && !known; n++)
			known = column[n]->layer == p->layer && column[n]->over == p->over;
		if (!known && count < KINDS_COLUMNS)
			column[count++] = p;
	}
	return count;
}

/* A row for each class, a column for each pair. */
static void add_block(const struct summary *s, const struct kinds_group *group,
		      const struct kinds_pair *const *pair, size_t count, struct buf *out)
{
	struct text_column columns[SIDE_BY_SIDE + 1] = {{"", -10, 0}};
	struct text_table t = {.out = out, .column = columns, .columns = 1};
	char title[SIDE_BY_SIDE][TITLE], text[TEXT_LABEL];

	for (size_t i = 0; i < count; i++) {
		snprintf(title[i], sizeof(title[i]), "%s over %s",
			 summary_layer_name(s, pair[i]->layer),
			 summary_layer_name(s, pair[i]->over));
		columns[t.columns++] = (struct text_column){title[i], -24, 2};
	}
	text_wrapped_titles(&t);
	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *c = &s->class[i];

		if (!summary_is_shown(c) || !kinds_has(s->kinds, c->class, NULL, group))
			continue;
		text_cell(&t, "%s", csv_printable(c->class, text, sizeof(text)));
		for (size_t n = 0; n < count; n++) {
			const struct kinds_pair *p =
				kinds_find(s->kinds, c->class, NULL, pair[n]->layer, pair[n]->over);

			text_cell(&t, "%s", p ? kinds_ratio(&p->ratio, text) : "-");
		}
	}
}

void kinds_format(const struct summary *s, struct buf *out)
{
	const struct kinds_pair *pair[KINDS_COLUMNS];

	for (size_t g = 0; s->kinds && g < s->kinds->groups; g++) {
		const struct kinds_group *group = &s->kinds->group[g];
		size_t count = kinds_columns(s->kinds, group, pair);

		buf_addf(out,
			 "\nKinds side by side at depth %u: times the cost, within rounds [95 %% "
			 "interval]\n",
			 (unsigned)group->depth);
		for (size_t i = 0; i < count; i += SIDE_BY_SIDE)
			add_block(s, group, pair + i,
				  count - i < SIDE_BY_SIDE ? count - i : SIDE_BY_SIDE, out);
	}
}

/* "L1:container ×1.00, L1:kvm, emulated ×1.80". */
static void list_candidates(const struct summary *s, const struct kinds_answer *a, struct buf *out)
{
	char layer[TEXT_LABEL], ratio[TEXT_LABEL];

	for (size_t i = 0; i < a->candidates; i++)
		buf_addf(out, "%s%s: %s", i ? "; " : "",
			 text_layer(s, a->candidate[i].layer, layer),
			 kinds_ratio(&a->candidate[i].ratio_l0, ratio));
}

/* Whether what was compared differs in whether its CPU is emulated. */
static bool is_mixed(const struct summary *s, const struct kinds_answer *a)
{
	for (size_t i = 1; i < a->candidates; i++)
		if (s->layer[a->candidate[i].layer].cpu != s->layer[a->candidate[0].layer].cpu)
			return true;
	return false;
}

static void say_answer(const struct summary *s, const struct kinds_answer *a, size_t width,
		       struct buf *out)
{
	struct buf text = BUF_INIT;

	buf_addf(&text, "%s (%s) at depth %u: ", kinds_use_name(a->use), a->names,
		 (unsigned)a->depth);
	if (a->best != LAYER_NO_PARENT)
		buf_addf(&text, "%s costs least", summary_layer_name(s, a->best));
	else
		buf_addstr(&text, "not resolved");
	if (a->best == LAYER_NO_PARENT && a->rounds < a->needed)
		buf_addf(&text, ", for that takes %zu rounds or more within one boot", a->needed);
	buf_addstr(&text, "; times L0: ");
	list_candidates(s, a, &text);
	if (is_mixed(s, a))
		buf_addstr(&text, ". Some of these CPUs are emulated and others are not: on "
				  "hardware the answer may be another");
	buf_addstr(&text, ".");
	text_wrap(out, POINT, buf_str(&text), width);
	buf_done(&text, out);
}

void words_kinds(const struct summary *s, size_t width, struct buf *out)
{
	if (!s->kinds)
		return;
	buf_addstr(out, "\nWhich kind suits, of those of one depth in this run (all comparisons "
			"together at 95 %)\n");
	if (!s->kinds->answers)
		buf_addstr(out, "  No workload of a database, of a web service or of a GPU was "
				"measured in two of them.\n");
	for (size_t i = 0; i < s->kinds->answers; i++)
		say_answer(s, &s->kinds->answer[i], width, out);
}
