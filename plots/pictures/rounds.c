/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every round: one small picture per workload, so that drift, jumps and disturbed rounds are seen.
 */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "plots/gnuplot/panels.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"
#include "results/table/text.h"

/* Capacities are no time, and boots no rounds. A workload that was never timed has no panel. */
static bool is_drawn(const struct summary *s, size_t i, size_t end)
{
	bool any = false;

	for (size_t k = i; k < end; k++)
		any |= s->entry[k].cost.mid > 0;
	return any && strcmp(s->entry[i].class, "capacity") != 0 &&
	       strcmp(s->entry[i].class, "boot") != 0;
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
			buf_addf(out, "%.0f %.6g %d\n",
				 (double)cell->round + (double)(boot * (rounds + 1)),
				 cell->cost * 1e-9, cell->suspect || cell->disturbed);
	}
	buf_addstr(out, "END\n");
}

/* The range of a panel in seconds. */
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
	panel_time_axis(out, "y", low, high);
}

/* The third column says whether a round was disturbed: such a point wears a ring. */
static void add_lines(struct buf *out, const struct summary *s, size_t i, size_t end, size_t panel)
{
	bool crowded = s->rounds * s->boots > 60;
	const char *comma = "";

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
		if (e->suspect || e->disturbed)
			buf_addf(out,
				 "%s $P%zuL%" PRIu32 " using 1:($3 == 1 ? $2 : NaN) with points "
				 "pointtype 6 pointsize 1.6 "
				 "linewidth 2 linecolor rgb '#B03A00' notitle",
				 comma, panel, e->layer);
	}
	buf_addstr(out, "\n");
}

static void add_panels(struct buf *out, const struct summary *s, const struct panels *layout)
{
	char label[TEXT_LABEL];
	size_t panel = 0;

	for (size_t i = 0, end; i < s->entries && panel < PANELS_MAX; i = end) {
		end = i + pick_variant(s, i);
		if (!is_drawn(s, i, end))
			continue;
		for (size_t k = i; k < end; k++)
			add_data(out, &s->entry[k], panel, s->rounds);
		panel_begin(out, layout, panel, text_workload(s, &s->entry[i], label));
		add_range(out, s, i, end);
		add_lines(out, s, i, end, panel++);
	}
}

static bool has_disturbed(const struct summary *s)
{
	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].disturbed)
			return true;
	return false;
}

/* What the rings are, where there are any. */
static const char *remark(const struct summary *s, size_t panels, size_t all)
{
	if (panels < all)
		return "the first 48 workloads";
	return s->suspect || has_disturbed(s)
		       ? "medians over the batches of a round; a ring: disturbed, kept in"
		       : "medians over the batches of a round";
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	struct panels layout;
	size_t all = count_panels(s), panels = all < PANELS_MAX ? all : PANELS_MAX;

	if (all == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "no workload was timed in any layer");
	layout = panels_layout(panels);
	*width = layout.width;
	*height = layout.height;
	script_begin(out, s, "Every round: time per operation in each layer",
		     remark(s, panels, all), *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addf(out, "set xrange [0.5:%.1f]\nset xlabel '%s' font ',11' offset 0,0.6\n",
		 (double)(s->boots * (s->rounds + 1)) - 0.5,
		 s->boots > 1 ? "round, boot after boot" : "round");
	if (s->boots > 1)
		buf_addstr(out, "set xtics format ''\nset grid noxtics\n"); /* rounds are counted in
									       each boot */
	else if (s->rounds <= 12)
		buf_addstr(out, "set xtics 1\n");
	add_panels(out, s, &layout);
	panels_end(out);
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
