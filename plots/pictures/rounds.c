/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every round: one small picture per workload, so that drift, jumps and disturbed rounds are seen.
 */
#include "plots/plot.h"

#include <math.h>
#include <string.h>

/* Capacities are no time, and boots no rounds. A workload that was never timed has no panel. */
static bool is_drawn(const struct family *work)
{
	const struct summary_entry *e = work->first;
	bool any = false;

	for (size_t k = 0; k < work->count; k++)
		any |= e[k].cost.mid > 0;
	return any && !summary_is_size(e) && strcmp(e->class, "boot") != 0;
}

/* A blank line parts boots. */
static void add_data(struct picture *p, const struct summary_entry *e, size_t panel,
		     const char *name)
{
	for (size_t i = 0; i < e->cells; i++) {
		const struct summary_cell *cell = &e->cell[i];

		if (i && cell->boot != e->cell[i - 1].boot)
			picture_gap(p);
		if (!(cell->cost > 0))
			continue;
		picture_row(p, (double)panel, e->layer, name);
		picture_number(p, cell->boot);
		picture_number(p, cell->round);
		picture_number(p, cell->cost * 1e-9);
		picture_number(p, cell->suspect || cell->disturbed);
	}
	picture_gap(p);
}

/* The rounds themselves stand with each workload in the report; here is their range. */
static void add_range(struct grid *g, const struct summary_entry *e)
{
	char least[TEXT_SHORT], most[TEXT_SHORT];
	double low = NAN, high = NAN;

	for (size_t n = 0; e && n < e->cells; n++) {
		low = fmin(low, e->cell[n].cost);
		high = fmax(high, e->cell[n].cost);
	}
	if (isnan(low))
		grid_add(g, "no data");
	else
		grid_addf(g, "%s … %s", text_cost(e, low, least), text_cost(e, high, most));
}

static bool has_disturbed(const struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].disturbed)
			return true;
	return s->suspect;
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	static const struct panels how = {"workload: least … most", is_drawn, add_range, add_data};

	picture_notes(p, s,
		      has_disturbed(s)
			      ? "medians over the batches of a round; a ring: disturbed, kept in"
			      : "medians over the batches of a round");
	picture_columns(p, "panel", "boot\tround\tseconds\tdisturbed");
	if (picture_panels(p, s, &how) == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "no workload was timed in any layer");
	return buf_check(&p->data, err);
}

const struct plot plot_rounds = {
	.name = "rounds",
	.title = "Every round",
	.summary = "time per operation of every round in each layer",
	.place = PLOT_OF_WORKLOADS,
	.make = make,
};
