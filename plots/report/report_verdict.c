/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer first: did the claim hold, and what is left of the machine in each layer. */
#include "plots/report/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/table/words.h"

enum { ENDLESS = 1 << 20 /* lines are not broken here */ };

static const struct {
	const char *kind, *text;
} verdicts[] = {
	[VERDICT_NOT_JUDGED] = {"none", "– not judged"},
	[VERDICT_NOT_RESOLVED] = {"open", "? not resolved"},
	[VERDICT_SHRINKS] = {"holds", "✓ holds"},
	[VERDICT_STAYS] = {"fails", "✗ does not hold"},
};

static double clamp(double percent)
{
	return percent < 0 ? 0 : percent > 100 ? 100 : percent;
}

/* A bar from 0 to 100 %, with its interval as a thin line; what is longer ends in an arrow. */
static void add_bar(struct doc *d, const struct estimate *share, uint32_t layer)
{
	double low = clamp(100 * share->low), high = clamp(100 * share->high);

	doc_tag(d, "<td class=\"track\" aria-hidden=\"true\"><div>");
	if (!isnan(share->mid)) {
		doc_tag(d, "<i class=\"bar c%" PRIu32 "%s\" style=\"width:%.2f%%\"></i>",
			1 + (layer - 1) % 5, share->mid > 1.005 ? " beyond" : "",
			clamp(100 * share->mid));
		if (!isnan(share->low) && share->low < 1)
			doc_tag(d, "<i class=\"whisker\" style=\"left:%.2f%%;width:%.2f%%\"></i>",
				low, high - low);
	}
	doc_tag(d, "</div></td>");
}

static void add_pill(struct doc *d, enum verdict v)
{
	doc_tag(d, "<span class=\"pill %s\">%s</span>", verdicts[v].kind, verdicts[v].text);
}

/* The name of a class, over the rows of all its layers. */
static void add_class_name(struct doc *d, const struct summary *s, const struct summary_class *c)
{
	unsigned layers = 0;

	for (uint32_t k = 1; k < s->layers; k++)
		layers += summary_find_class(s, c->class, k) != NULL;
	doc_tag(d, "<th scope=\"rowgroup\" rowspan=\"%u\"><a href=\"#class-", layers);
	doc_escape(d, c->class);
	doc_tag(d, "\">");
	doc_escape(d, c->class);
	doc_tag(d, "</a>");
	if (!s->is_tree)
		add_pill(d, c->verdict);
	doc_tag(d, "</th>");
}

/* A chain has one verdict on a class, a tree one on each step. */
static void add_bars(struct doc *d, const struct summary *s, const char *class)
{
	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_class *c = summary_find_class(s, class, k);
		char text[TEXT_SHORT];

		if (!c)
			continue;
		doc_tag(d, c->first ? "<tr class=\"first\">" : "<tr>");
		if (c->first)
			add_class_name(d, s, c);
		doc_tag(d, "<th scope=\"row\" class=\"l\">");
		doc_escape(d, summary_layer_name(s, k));
		if (s->is_tree)
			add_pill(d, c->step);
		doc_tag(d, "</th>");
		add_bar(d, &c->share, k);
		doc_tag(d, "<td class=\"n\">");
		doc_escape(d, text_share(&c->share, text));
		doc_tag(d, "</td></tr>\n");
	}
}

static void add_chart(struct doc *d, const struct summary *s)
{
	doc_tag(d, "<table class=\"shares%s\">", s->is_tree ? " named" : "");
	doc_tag(d, "<caption>Usable share of L0 for each kind of work: "
		   "median and 95 %% interval; the end of the track is 100 %%</caption>\n"
		   "<thead class=\"hidden\"><tr><th scope=\"col\">work</th><th "
		   "scope=\"col\">layer</th><th scope=\"col\">bar</th><th scope=\"col\">usable "
		   "share</th></tr></thead><tbody>\n");
	for (size_t i = 0; i < s->classes; i++)
		if (summary_is_shown(&s->class[i]))
			add_bars(d, s, s->class[i].class);
	doc_tag(d, "</tbody></table>\n");
}

static void add_table(struct doc *d, const struct summary *s)
{
	struct grid g = {0};
	char text[TEXT_LABEL];

	grid_layers(&g, s, "work", 1, s->is_tree ? NULL : "the claim");
	for (size_t i = 0; i < s->classes; i++) {
		const struct summary_class *first = &s->class[i];

		if (!summary_is_shown(first))
			continue;
		grid_add(&g, first->class);
		for (uint32_t k = 1; k < s->layers; k++) {
			const struct summary_class *c = summary_find_class(s, first->class, k);

			if (c && s->is_tree)
				grid_addf(&g, "%s %s", text_share(&c->share, text),
					  verdicts[c->step].text);
			else
				grid_add(&g, c ? text_share(&c->share, text) : "no data");
		}
		if (!s->is_tree)
			grid_add(&g, verdicts[first->verdict].text);
	}
	doc_grid(d, &g, "Usable share of L0, median and 95 % interval", false);
}

void report_verdict(struct doc *d, const struct report *r)
{
	struct buf text = BUF_INIT;
	const char *answer;
	size_t len;

	words_verdict(r->s, ENDLESS, &text);
	answer = buf_str(&text);
	answer += strspn(answer, "\n");
	answer += strcspn(answer, "\n");
	answer += strspn(answer, "\n ");
	len = strcspn(answer, "\n");
	if (len)
		doc_textf(d, "answer", "%.*s", (int)len, answer);
	if (r->s->classes && d->form == DOC_HTML)
		add_chart(d, r->s);
	else if (r->s->classes)
		add_table(d, r->s);
	doc_lines(d, answer + len);
	buf_done(&text, &d->out);
}
