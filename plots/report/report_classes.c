/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of work: what the claim comes to, with the numbers, what they mean, and why. */
#include "plots/report/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* What a verdict means for this class. */
static const char *meaning(const struct summary_class *c)
{
	switch (c->verdict) {
	case VERDICT_SHRINKS:
		return "The claim holds: each layer costs more than 1 %, all steps together at 95 "
		       "%.";
	case VERDICT_STAYS:
		return "The claim does not hold: at least one layer was shown to cost less than 1 "
		       "%.";
	case VERDICT_NOT_RESOLVED:
		if (isnan(c->share.low))
			return "Not resolved: with so few rounds there is no interval; 6 or more "
			       "may decide it.";
		return "Not resolved: the intervals leave open whether every layer costs more than "
		       "1 %. That is not the same as equal; more rounds or boots may decide it.";
	case VERDICT_NOT_JUDGED:
		break;
	}
	return strcmp(c->class, "capacity") == 0
		       ? "Not judged: the layers were given the size that was asked for."
		       : "Not judged: the claim is not about this.";
}

static void add_step(struct doc *d, const struct summary_class *c)
{
	const char *unit = strcmp(c->class, "capacity") == 0 ? "the space is smaller by"
							     : "an operation takes";
	char l0[TEXT_LABEL], up[TEXT_LABEL], share[TEXT_SHORT];
	struct buf text = BUF_INIT;

	if (isnan(c->ratio_l0.mid))
		return;
	buf_addf(&text, "In L%" PRIu32 " %s ×%s against L0: %s usable", c->layer, unit,
		 pick_ratio(&c->ratio_l0, l0), text_share(&c->share, share));
	if (c->layer > 1)
		buf_addf(&text, ". Against L%" PRIu32 " alone: ×%s", c->layer - 1,
			 pick_ratio(&c->ratio_up, up));
	buf_addstr(&text, ".");
	doc_item(d, buf_str(&text));
	d->out.failed |= text.failed;
	buf_release(&text);
}

static void add_basis(struct doc *d, const struct summary_class *c)
{
	char text[256];

	snprintf(text, sizeof(text), "Over %zu workload%s%s, %zu round%s", c->workloads,
		 c->workloads == 1 ? "" : "s",
		 c->workloads > 1 ? " (geometric mean within each round)" : "", c->n,
		 c->n == 1 ? "" : "s");

	if (c->left_out)
		str_addf(text, sizeof(text), "; %zu left out, which were not usable in every layer",
			 c->left_out);
	doc_text(d, "note", text);
}

static void add_ratios(struct doc *d, const struct summary *s, const char *class)
{
	struct grid g = GRID_INIT;
	char text[TEXT_LABEL], figure[TEXT_LABEL];

	grid_begin(&g, s->layers + 1);
	grid_add(&g, "workload");
	grid_add(&g, strcmp(class, "capacity") == 0 ? "size in L0" : "time in L0");
	for (uint32_t k = 1; k < s->layers; k++)
		grid_addf(&g, "× in L%" PRIu32, k);
	for (size_t i = 0, count; i < s->entries; i += count) {
		const struct summary_entry *first = &s->entry[i];

		count = pick_variant(s, i);
		if (strcmp(first->class, class) != 0)
			continue;
		grid_add(&g, text_workload(s, first, text));
		for (uint32_t k = 0; k < s->layers; k++) {
			const struct summary_entry *e = pick_layer(first, count, k);

			if (!e)
				grid_add(&g, "no data");
			else if (k == 0)
				grid_add(&g, text_cost(e, e->cost.mid, figure));
			else
				grid_add(&g, pick_ratio(&e->ratio_l0, figure));
		}
	}
	doc_grid(d, &g, "Cost against L0, median and 95 % interval", false);
	grid_release(&g);
}

static void add_class(struct doc *d, const struct summary *s, const char *class)
{
	const struct summary_class *first = pick_class(s, class, 1);
	bool emulated = s->layers > 1 && s->layer[s->layers - 1].cpu == CPU_EMULATED;

	doc_tag(d, "<article id=\"class-");
	if (d->form == DOC_HTML)
		doc_escape(d, class);
	doc_tag(d, "\">\n");
	doc_heading(d, 3, NULL, class);
	if (first) {
		doc_text(d, "verdict", meaning(first));
		doc_list_begin(d);
		for (uint32_t k = 1; k < s->layers; k++) {
			const struct summary_class *c = pick_class(s, class, k);

			if (c)
				add_step(d, c);
		}
		doc_list_end(d);
		add_basis(d, first);
	} else {
		doc_text(d, "verdict",
			 strcmp(class, "boot") == 0
				 ? "How long a layer takes to boot; L0 is not booted, so there is "
				   "nothing to compare with."
				 : "No workload of this kind was measured both in L0 and in a VM.");
	}
	if (*report_why(class, false))
		doc_text(d, "why", report_why(class, false));
	if (emulated && *report_why(class, true))
		doc_text(d, "why warnish", report_why(class, true));
	add_ratios(d, s, class);
	doc_tag(d, "</article>\n");
}

void report_classes(struct doc *d, const struct report *r)
{
	const struct summary *s = r->s;

	doc_tag(d, "<section>\n");
	doc_heading(d, 2, "classes", "Each kind of work");
	report_pictures(d, r, PLOT_OF_CLASSES);
	/* What the claim is about first, what only supports it or has no L0 last. */
	for (int control = 0; control <= 1; control++)
		for (size_t i = 0; i < s->entries; i++) {
			const char *class = s->entry[i].class;

			if ((strcmp(class, "control") == 0 || strcmp(class, "boot") == 0) ==
				    control &&
			    (i == 0 || strcmp(class, s->entry[i - 1].class) != 0))
				add_class(d, s, class);
		}
	doc_tag(d, "</section>\n");
}
