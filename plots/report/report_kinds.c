/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of layers side by side: which suits what, and how the layers of one depth compare. */
#include "results/summary/kinds.h"

#include <inttypes.h>
#include <stdio.h>

#include "plots/report/report_parts.h"
#include "results/table/kinds_write.h"
#include "results/table/words.h"

enum { ENDLESS = 1 << 20 /* lines are not broken here */ };

static void begin_table(struct grid *g, const struct summary *s, const char *head,
			const struct kinds_pair *const *pair, size_t pairs)
{
	grid_begin(g, pairs + 1);
	grid_add(g, head);
	for (size_t i = 0; i < pairs; i++)
		grid_addf(g, "%s over %s", summary_layer_name(s, pair[i]->layer),
			  summary_layer_name(s, pair[i]->over));
}

static void add_cells(struct grid *g, const struct summary *s, const char *class,
		      const struct summary_entry *work, const struct kinds_pair *const *pair,
		      size_t pairs)
{
	char text[TEXT_LABEL];

	for (size_t i = 0; i < pairs; i++) {
		const struct kinds_pair *p =
			kinds_find(s->kinds, class, work, pair[i]->layer, pair[i]->over);

		grid_add(g, p ? kinds_ratio(&p->ratio, text) : "no data");
	}
}

static void add_classes(struct doc *d, const struct summary *s, const struct kinds_group *group,
			const struct kinds_pair *const *pair, size_t pairs)
{
	struct grid g = {0};

	begin_table(&g, s, "work", pair, pairs);
	for (size_t i = 0; i < s->classes; i++) {
		if (!summary_is_shown(&s->class[i]) ||
		    !kinds_has(s->kinds, s->class[i].class, NULL, group))
			continue;
		grid_add(&g, s->class[i].class);
		add_cells(&g, s, s->class[i].class, NULL, pair, pairs);
	}
	doc_grid(d, &g, "Times the cost, paired within rounds, median and 95 % interval", false);
}

static void add_workloads(struct doc *d, const struct summary *s, const struct kinds_group *group,
			  const struct kinds_pair *const *pair, size_t pairs)
{
	struct grid g = {0};
	char text[TEXT_LABEL];

	begin_table(&g, s, "workload", pair, pairs);
	for (size_t i = 0; i < s->entries;) {
		struct family work = family_at(s, i);

		i += work.count;
		if (!kinds_has(s->kinds, work.first->class, work.first, group))
			continue;
		grid_add(&g, text_workload(s, work.first, text));
		add_cells(&g, s, work.first->class, work.first, pair, pairs);
	}
	doc_fold_begin(d, "Each workload");
	doc_grid(d, &g, "Times the cost, paired within rounds, median and 95 % interval", false);
	doc_fold_end(d);
}

static void add_layers(struct doc *d, const struct summary *s, const struct kinds_group *group)
{
	char layer[TEXT_LABEL], kind[KINDS_TEXT], text[TEXT_LABEL + KINDS_TEXT + 4];

	doc_list_begin(d);
	for (uint32_t k = 0; k < s->layers; k++)
		if (group->layers >> k & 1) {
			snprintf(text, sizeof(text), "%s: %s", text_layer(s, k, layer),
				 kinds_text(s, k, kind));
			doc_item(d, text);
		}
	doc_list_end(d);
}

void report_kinds(struct doc *d, const struct report *r)
{
	const struct summary *s = r->s;
	const struct kinds_pair *pair[KINDS_COLUMNS];
	struct buf text = BUF_INIT;
	char title[TEXT_LABEL];

	words_kinds(s, ENDLESS, &text);
	doc_lines(d, buf_str(&text));
	doc_text(d, "note",
		 "A kind costs least where all comparisons of this list together, at 95 %, show "
		 "that it costs less than each other one by more than 1 %.");
	report_pictures(d, r, PLOT_OF_KINDS);
	for (size_t g = 0; g < s->kinds->groups; g++) {
		const struct kinds_group *group = &s->kinds->group[g];
		size_t pairs = kinds_columns(s->kinds, group, pair);

		snprintf(title, sizeof(title), "At depth %" PRIu32, group->depth);
		doc_heading(d, 3, NULL, title);
		add_layers(d, s, group);
		add_classes(d, s, group, pair, pairs);
		add_workloads(d, s, group, pair, pairs);
	}
	buf_done(&text, &d->out);
}
