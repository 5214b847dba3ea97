/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each workload: its distribution, its figures in each layer, and every round for who wants them.
 */
#include "plots/report/report_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "results/rundir/params.h"

enum { ROUNDS_SHOWN = 100 };

static void add_interval(struct grid *g, const struct summary_entry *e)
{
	char low[TEXT_SHORT], high[TEXT_SHORT];

	if (isnan(e->cost.low))
		grid_add(g, "–");
	else
		grid_addf(g, "%s … %s", text_cost(e, e->cost.low, low),
			  text_cost(e, e->cost.high, high));
}

static bool any_remark(const struct summary_entry *e, size_t count)
{
	char text[TEXT_REMARK];

	for (size_t i = 0; i < count; i++)
		if (text_remark(&e[i], text)[0])
			return true;
	return false;
}

static void add_figures(struct doc *d, const struct summary *s, size_t index, size_t count)
{
	static const char *const head[] = {"layer", "median", "95 % interval", "p95",
					   "p99",   "× L0",   "× layer above", "rounds",
					   "flags", NULL};
	bool remarks = any_remark(&s->entry[index], count);
	struct grid g = GRID_INIT;
	char text[TEXT_LABEL], remark[TEXT_REMARK];

	grid_begin(&g, sizeof(head) / sizeof(head[0]) - 1 + remarks);
	for (size_t i = 0; head[i]; i++)
		grid_add(&g, head[i]);
	if (remarks)
		grid_add(&g, "remark");
	for (size_t i = index; i < index + count; i++) {
		const struct summary_entry *e = &s->entry[i];
		struct summary_entry own = *e;
		struct buf flags = BUF_INIT;

		/* What holds for the whole run is said of the whole run. */
		own.flags &= FLAGS_OWN | FLAG_FEW_ROUNDS;
		summary_format_flags(&own, &flags);
		grid_addf(&g, "L%" PRIu32, e->layer);
		grid_add(&g, text_cost(e, e->cost.mid, text));
		add_interval(&g, e);
		grid_add(&g, text_cost(e, e->p95, text));
		grid_add(&g, text_cost(e, e->p99, text));
		grid_add(&g, e->layer ? pick_ratio(&e->ratio_l0, text) : "1");
		grid_add(&g, e->layer ? pick_ratio(&e->ratio_up, text) : "–");
		grid_addf(&g, "%zu", e->cells);
		grid_add(&g, buf_str(&flags));
		if (remarks)
			grid_add(&g, text_remark(e, remark));
		g.failed |= flags.failed;
		buf_release(&flags);
	}
	doc_grid(d, &g,
		 strcmp(s->entry[index].class, "capacity") == 0
			 ? "Size"
			 : "Time per operation; p95 and p99 are over batches",
		 false);
	grid_release(&g);
}

static const struct summary_cell *find_cell(const struct summary_entry *e,
					    const struct summary_cell *like)
{
	for (size_t i = 0; i < e->cells; i++)
		if (e->cell[i].boot == like->boot && e->cell[i].round == like->round)
			return &e->cell[i];
	return NULL;
}

/* The entry with the most rounds, which guides the table of all. */
static const struct summary_entry *longest(const struct summary_entry *e, size_t count)
{
	const struct summary_entry *most = e;

	for (size_t i = 1; i < count; i++)
		most = e[i].cells > most->cells ? &e[i] : most;
	return most;
}

static void add_rounds(struct doc *d, const struct summary *s, size_t index, size_t count)
{
	const struct summary_entry *e = &s->entry[index], *guide = longest(e, count);
	size_t rows = guide->cells < ROUNDS_SHOWN ? guide->cells : ROUNDS_SHOWN;
	struct grid g = GRID_INIT;
	char text[TEXT_LABEL];

	if (d->form != DOC_HTML || guide->cells < 2)
		return;
	grid_begin(&g, count + 1);
	grid_add(&g, s->boots > 1 ? "boot, round" : "round");
	for (size_t k = 0; k < count; k++)
		grid_addf(&g, "L%" PRIu32, e[k].layer);
	for (size_t i = 0; i < rows; i++) {
		const struct summary_cell *cell = &guide->cell[i];

		if (s->boots > 1)
			grid_addf(&g, "%" PRIu32 ", %" PRIu32, cell->boot, cell->round);
		else
			grid_addf(&g, "%" PRIu32, cell->round);
		for (size_t k = 0; k < count; k++) {
			const struct summary_cell *found = find_cell(&e[k], cell);

			grid_addf(&g, "%s%s", found ? text_cost(&e[k], found->cost, text) : "–",
				  found && found->suspect ? " suspect" : "");
			if (found && found->suspect)
				grid_mark(&g);
		}
	}
	snprintf(text, sizeof(text), "Every round%s",
		 rows < guide->cells ? ": the first 100, the others are in " ROWS_FILE : "");
	doc_fold_begin(d, text);
	doc_grid(d, &g, "Median over the batches of each round", false);
	doc_fold_end(d);
	grid_release(&g);
}

/* Its parameters and threads, where they are not what every workload has. */
static void add_params(struct doc *d, const struct summary_entry *e)
{
	const char *comma = e->params[0] ? ", " : "";

	if (e->threads == THREADS_ON_EACH_CPU)
		doc_textf(d, "note", "%s%sa thread on each CPU of the layer", e->params, comma);
	else if (e->threads > 1)
		doc_textf(d, "note", "%s%s%" PRIu32 " threads", e->params, comma, e->threads);
	else if (e->params[0])
		doc_text(d, "note", e->params);
}

static void add_workload(struct doc *d, const struct summary *s, size_t index, size_t count)
{
	const struct summary_entry *e = &s->entry[index];

	doc_tag(d, "<article>\n");
	doc_heading(d, 3, NULL, e->workload);
	add_params(d, e);
	report_strip(d, s, index, count);
	add_figures(d, s, index, count);
	for (size_t i = 0; i < count; i++)
		if (e[i].reason)
			doc_textf(d, "note warnish", "L%" PRIu32 ": %s", e[i].layer, e[i].reason);
	add_rounds(d, s, index, count);
	doc_tag(d, "</article>\n");
}

void report_workloads(struct doc *d, const struct report *r)
{
	doc_tag(d, "<section>\n");
	doc_heading(d, 2, "workloads", "Each workload");
	if (d->form == DOC_HTML && r->s->entries)
		doc_text(d, "note",
			 "A dot is one round (hollow: disturbed, kept in), the upright line the "
			 "median, the band its 95 % interval. The axis is logarithmic.");
	report_pictures(d, r, PLOT_OF_WORKLOADS);
	for (size_t i = 0, count; i < r->s->entries; i += count) {
		count = pick_variant(r->s, i);
		add_workload(d, r->s, i, count);
	}
	if (r->s->entries == 0)
		doc_text(d, NULL, "No row of this run could be used.");
	doc_tag(d, "</section>\n");
}
