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

static bool any_remark(const struct family *work)
{
	char text[TEXT_REMARK];

	for (size_t i = 0; i < work->count; i++)
		if (text_remark(&work->first[i], text)[0])
			return true;
	return false;
}

static void add_figures(struct doc *d, const struct summary *s, const struct family *work)
{
	static const char *const head[] = {"layer", "median", "95 % interval",	"p95",
					   "p99",   "× L0",   "× parent layer", "rounds",
					   "flags", NULL};
	bool remarks = any_remark(work);
	struct grid g = {0};
	char text[TEXT_LABEL], remark[TEXT_REMARK];

	grid_begin(&g, sizeof(head) / sizeof(head[0]) - 1 + remarks);
	for (size_t i = 0; head[i]; i++)
		grid_add(&g, head[i]);
	if (remarks)
		grid_add(&g, "remark");
	for (size_t i = 0; i < work->count; i++) {
		const struct summary_entry *e = &work->first[i];
		struct summary_entry own = *e;
		struct buf flags = BUF_INIT;

		/* What holds for the whole run is said of the whole run. */
		own.flags &= FLAGS_OWN | FLAG_FEW_ROUNDS;
		summary_format_flags(&own, &flags);
		grid_add(&g, summary_layer_name(s, e->layer));
		grid_add(&g, text_cost(e, e->cost.mid, text));
		add_interval(&g, e);
		grid_add(&g, text_cost(e, e->p95, text));
		grid_add(&g, text_cost(e, e->p99, text));
		grid_add(&g, e->layer ? ratio_text(&e->ratio_l0, text) : "1");
		grid_add(&g, e->layer ? ratio_text(&e->ratio_up, text) : "–");
		grid_addf(&g, "%zu", e->cells);
		grid_add(&g, buf_str(&flags));
		if (remarks)
			grid_add(&g, text_remark(e, remark));
		g.failed |= flags.failed;
		buf_release(&flags);
	}
	doc_grid(d, &g,
		 summary_is_size(work->first) ? "Size"
					      : "Time per operation; p95 and p99 are over batches",
		 false);
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
static const struct summary_entry *longest(const struct family *work)
{
	const struct summary_entry *most = work->first;

	for (size_t i = 1; i < work->count; i++)
		most = work->first[i].cells > most->cells ? &work->first[i] : most;
	return most;
}

static void add_rounds(struct doc *d, const struct summary *s, const struct family *work)
{
	const struct summary_entry *e = work->first, *guide = longest(work);
	size_t rows = guide->cells < ROUNDS_SHOWN ? guide->cells : ROUNDS_SHOWN;
	struct grid g = {0};
	char text[TEXT_LABEL];

	if (d->form != DOC_HTML || guide->cells < 2)
		return;
	grid_begin(&g, work->count + 1);
	grid_add(&g, s->boots > 1 ? "boot, round" : "round");
	for (size_t k = 0; k < work->count; k++)
		grid_add(&g, summary_layer_name(s, e[k].layer));
	for (size_t i = 0; i < rows; i++) {
		const struct summary_cell *cell = &guide->cell[i];

		if (s->boots > 1)
			grid_addf(&g, "%" PRIu32 ", %" PRIu32, cell->boot, cell->round);
		else
			grid_addf(&g, "%" PRIu32, cell->round);
		for (size_t k = 0; k < work->count; k++) {
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

static void add_workload(struct doc *d, const struct summary *s, const struct family *work)
{
	const struct summary_entry *e = work->first;

	doc_tag(d, "<article>\n");
	doc_heading(d, 3, NULL, e->workload);
	add_params(d, e);
	report_strip(d, s, work);
	add_figures(d, s, work);
	for (size_t i = 0; i < work->count; i++)
		if (e[i].reason)
			doc_textf(d, "note warnish", "%s: %s", summary_layer_name(s, e[i].layer),
				  e[i].reason);
	add_rounds(d, s, work);
	doc_tag(d, "</article>\n");
}

void report_workloads(struct doc *d, const struct report *r)
{
	if (d->form == DOC_HTML && r->s->entries)
		doc_text(d, "note",
			 "A dot is one round (hollow: disturbed, kept in), the upright line the "
			 "median, the band its 95 % interval. The axis is logarithmic.");
	report_pictures(d, r, PLOT_OF_WORKLOADS);
	for (size_t i = 0; i < r->s->entries;) {
		struct family work = family_at(r->s, i);

		add_workload(d, r->s, &work);
		i += work.count;
	}
	if (r->s->entries == 0)
		doc_text(d, NULL, "No row of this run could be used.");
}
