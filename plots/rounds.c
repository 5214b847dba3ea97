/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every round: one small picture per workload, so that drift, jumps and disturbed rounds are seen.
 */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "plots/pick.h"
#include "plots/script.h"
#include "results/text.h"

enum { COLUMNS = 4, PANEL_WIDTH = 340, PANEL_HEIGHT = 250, PANELS = 48, BOTTOM = 20 };

/* Capacities are no time. A workload that was never timed has no panel. */
static bool is_drawn(const struct summary *s, size_t i, size_t end)
{
	bool any = false;

	for (size_t k = i; k < end; k++)
		any |= s->entry[k].cost.mid > 0;
	return any && strcmp(s->entry[i].class, "capacity") != 0;
}

static size_t count_panels(const struct summary *s)
{
	size_t panels = 0;

	for (size_t i = 0; i < s->entries; i = i + pick_variant(s, i))
		panels += is_drawn(s, i, i + pick_variant(s, i));
	return panels;
}

/* Boots stand one behind the other; a blank line and a gap of one round parts them. */
static void add_data(struct buf *out, const struct summary_entry *e, size_t panel, size_t rounds)
{
	size_t boot = 0;

	buf_addf(out, "$P%zuL%" PRIu32 " << END\n", panel, e->layer);
	for (size_t i = 0; i < e->cells; i++) {
		const struct summary_cell *cell = &e->cell[i];

		if (i && cell->boot != e->cell[i - 1].boot) {
			boot++;
			buf_addstr(out, "\n");
		}
		if (cell->cost > 0)
			buf_addf(out, "%.0f %.6g\n",
				 (double)cell->round + (double)(boot * (rounds + 1)),
				 cell->cost * 1e-9);
	}
	buf_addstr(out, "END\n");
}

/* The range of a panel: at least two powers of ten lie in it, so that its axis has labels. */
static void add_range(struct buf *out, const struct summary *s, size_t i, size_t end)
{
	double low = INFINITY, high = 0;

	for (; i < end; i++)
		for (size_t k = 0; k < s->entry[i].cells; k++) {
			double cost = s->entry[i].cell[k].cost * 1e-9;

			if (cost <= 0)
				continue;
			low = fmin(low, cost);
			high = fmax(high, cost);
		}
	low = pow(10, floor(log10(low * 0.9)));
	high = pow(10, ceil(log10(high * 1.1)));
	buf_addf(out, "set yrange [%.6g:%.6g]\n", low, high);
}

static void add_panel(struct buf *out, const struct summary *s, size_t i, size_t end, size_t panel,
		      size_t place[2], unsigned width, unsigned height)
{
	double left = 24 + (double)place[0] * PANEL_WIDTH,
	       top = SCRIPT_TOP + (double)place[1] * PANEL_HEIGHT;
	bool crowded = s->rounds * s->boots > 60;
	char label[TEXT_LABEL];
	const char *comma = "";

	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		 "set tmargin at screen %.4f\nset bmargin at screen %.4f\n",
		 (left + 66) / width, (left + PANEL_WIDTH - 16) / width, 1 - (top + 28) / height,
		 1 - (top + PANEL_HEIGHT - 54) / height);
	buf_addstr(out, "set title ");
	script_text(out, text_workload(s, &s->entry[i], label));
	buf_addstr(out, " font ',13' offset 0,-0.5\n");
	add_range(out, s, i, end);
	buf_addstr(out, "plot");
	for (; i < end; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (!(e->cost.mid > 0))
			continue;
		buf_addf(
			out,
			"%s $P%zuL%" PRIu32
			" using 1:2 with %s pointtype %d pointsize 0.8 linewidth 1.5 linecolor rgb "
			"'%s' notitle",
			comma, panel, e->layer, crowded ? "lines" : "linespoints",
			script_point(e->layer), script_colour(e->layer));
		comma = ", \\\n ";
	}
	buf_addstr(out, "\n");
	buf_addstr(out, "unset label\n"); /* title and key are drawn with the first panel only */
}

static void add_panels(struct buf *out, const struct summary *s, unsigned width, unsigned height)
{
	size_t panel = 0;

	for (size_t i = 0, end; i < s->entries && panel < PANELS; i = end) {
		size_t place[2] = {panel % COLUMNS, panel / COLUMNS};

		end = i + pick_variant(s, i);
		if (!is_drawn(s, i, end))
			continue;
		for (size_t k = i; k < end; k++)
			add_data(out, &s->entry[k], panel, s->rounds);
		add_panel(out, s, i, end, panel++, place, width, height);
	}
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	size_t all = count_panels(s), panels = all < PANELS ? all : PANELS;
	size_t columns = panels < COLUMNS ? panels : COLUMNS;

	if (all == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "no workload was timed in any layer");
	if (columns < 3)
		columns = 3; /* the title needs its room */
	*width = (unsigned)(columns * PANEL_WIDTH) + 48;
	*height = (unsigned)((panels + COLUMNS - 1) / COLUMNS * PANEL_HEIGHT) + SCRIPT_TOP + BOTTOM;
	script_begin(out, s, "Every round: time per operation in each layer",
		     panels < all ? "the first 48 workloads"
				  : "medians over the batches of a round",
		     *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	buf_addf(out,
		 "set multiplot\nset border 3 linecolor rgb '#AAAAAA'\nset grid ytics\n"
		 "set logscale y 10\nset ytics format '%%.0s %%cs' font ',11'\nset xtics font "
		 "',11'\n"
		 "set xrange [0.5:%.1f]\nset xlabel 'round' font ',11' offset 0,0.6\n",
		 (double)(s->boots * (s->rounds + 1)) - 0.5);
	if (s->boots * s->rounds <= 12)
		buf_addstr(out, "set xtics 1\n");
	add_panels(out, s, *width, *height);
	buf_addstr(out, "unset multiplot\n");
	return buf_check(out, err);
}

/* The rounds themselves stand with each workload; here the range that the picture shows. */
static void table(const struct summary *s, struct grid *g)
{
	char text[TEXT_LABEL], least[TEXT_SHORT], most[TEXT_SHORT];

	pick_head(s, "workload: least … most", 0, g);
	for (size_t i = 0, count; i < s->entries; i += count) {
		count = pick_variant(s, i);
		if (!is_drawn(s, i, i + count))
			continue;
		grid_add(g, text_workload(s, &s->entry[i], text));
		for (uint32_t k = 0; k < s->layers; k++) {
			const struct summary_entry *e = pick_layer(&s->entry[i], count, k);
			double low = NAN, high = NAN;

			for (size_t n = 0; e && n < e->cells; n++) {
				low = fmin(low, e->cell[n].cost);
				high = fmax(high, e->cell[n].cost);
			}
			if (isnan(low))
				grid_add(g, "no data");
			else
				grid_addf(g, "%s … %s", text_cost(e, low, least),
					  text_cost(e, high, most));
		}
	}
}

const struct plot plot_rounds = {
	.name = "rounds",
	.title = "Every round",
	.place = PLOT_OF_WORKLOADS,
	.table = table,
	.summary = "time per operation of every round in each layer",
	.script = script,
};
