/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of work: what the claim comes to, with the numbers, what they mean, and why. */
#include "plots/report/report_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* Under which heading it stands what the verdict means. */
static const char *meaning(const struct summary_class *c, const char *class)
{
	if (!c)
		return strcmp(class, "boot") == 0 ? "no ratio, boot" : "no ratio";
	if (c->verdict == VERDICT_NOT_RESOLVED && isnan(c->share.low))
		return "not resolved, no interval";
	if (c->verdict == VERDICT_NOT_JUDGED && strcmp(class, "capacity") == 0)
		return "not judged, capacity";
	return verdict_name(c->verdict);
}

/* NULL: there is nothing of that layer. */
static void add_step(struct doc *d, const struct summary *s, const struct summary_class *c)
{
	char l0[TEXT_LABEL], up[TEXT_LABEL], share[TEXT_SHORT];
	struct buf text = BUF_INIT;

	if (!c || isnan(c->ratio_l0.mid))
		return;
	buf_addf(&text, "In %s %s ×%s against L0: %s usable", summary_layer_name(s, c->layer),
		 strcmp(c->class, "capacity") == 0 ? "the space is smaller by"
						   : "an operation takes",
		 ratio_text(&c->ratio_l0, l0), text_share(&c->share, share));
	if (summary_parent(s, c->layer) > 0)
		buf_addf(&text, ". Against %s alone: ×%s",
			 summary_layer_name(s, summary_parent(s, c->layer)),
			 ratio_text(&c->ratio_up, up));
	if (s->is_tree)
		buf_addf(&text, ". This step: %s", verdict_name(c->step));
	buf_addstr(&text, ".");
	doc_item(d, buf_str(&text));
	buf_done(&text, &d->out);
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
	struct grid g = {0};
	char text[TEXT_LABEL], figure[TEXT_LABEL];

	grid_begin(&g, s->layers + 1);
	grid_add(&g, "workload");
	grid_add(&g, strcmp(class, "capacity") == 0 ? "size in L0" : "time in L0");
	for (uint32_t k = 1; k < s->layers; k++)
		grid_addf(&g, "× in %s", summary_layer_name(s, k));
	for (size_t i = 0; i < s->entries;) {
		struct family work = family_at(s, i);

		i += work.count;
		if (strcmp(work.first->class, class) != 0)
			continue;
		grid_add(&g, text_workload(s, work.first, text));
		for (uint32_t k = 0; k < s->layers; k++) {
			const struct summary_entry *e = family_layer(&work, k);

			if (!e)
				grid_add(&g, "no data");
			else if (k == 0)
				grid_add(&g, text_cost(e, e->cost.mid, figure));
			else
				grid_add(&g, ratio_text(&e->ratio_l0, figure));
		}
	}
	doc_grid(d, &g, "Cost against L0, median and 95 % interval", false);
}

static const struct summary_class *find_first(const struct summary *s, const char *class)
{
	for (size_t i = 0; i < s->classes; i++)
		if (s->class[i].first && strcmp(s->class[i].class, class) == 0)
			return &s->class[i];
	return NULL;
}

static void add_class(struct doc *d, const struct report *r, const char *class)
{
	const struct summary *s = r->s;
	const struct summary_class *first = find_first(s, class);
	bool emulated = false;

	for (uint32_t k = s->is_tree ? 1 : s->layers - 1; k && k < s->layers; k++)
		emulated |= s->layer[k].cpu == CPU_EMULATED;

	doc_tag(d, "<article id=\"class-");
	if (d->form == DOC_HTML)
		doc_escape(d, class);
	doc_tag(d, "\">\n");
	doc_heading(d, 3, NULL, class);
	/* A tree has a verdict on each step, said there. */
	if (!s->is_tree || !first)
		report_text(d, r, "verdict", "verdict", meaning(first, class));
	if (first) {
		doc_list_begin(d);
		for (uint32_t k = 1; k < s->layers; k++)
			add_step(d, s, summary_find_class(s, class, k));
		doc_list_end(d);
		add_basis(d, first);
	}
	report_text(d, r, "why", "why", class);
	if (emulated)
		report_text(d, r, "why warnish", "emulated", class);
	add_ratios(d, s, class);
	doc_tag(d, "</article>\n");
}

void report_classes(struct doc *d, const struct report *r)
{
	const struct summary *s = r->s;

	report_pictures(d, r, PLOT_OF_CLASSES);
	/* What the claim is about first, what only supports it or has no L0 last. */
	for (int control = 0; control <= 1; control++)
		for (size_t i = 0; i < s->entries; i++) {
			const char *class = s->entry[i].class;

			if ((strcmp(class, "control") == 0 || strcmp(class, "boot") == 0) ==
				    control &&
			    (i == 0 || strcmp(class, s->entry[i - 1].class) != 0))
				add_class(d, r, class);
		}
}
