/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often an operation takes longer: the distribution over batches for kernels that measure a
 * latency. The upright axis is stretched towards 100 %, so that the tail, for which people wait, is
 * seen: a share p stands at -log10(1 - p).
 */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>

#include "plots/gnuplot/panels.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"
#include "results/stats/stats.h"

enum { POINTS = 200, LEAST_BATCHES = 8 };

static const double marks[] = {0.50, 0.95, 0.99};

static bool has_curve(const struct summary_entry *e)
{
	return e->batches >= LEAST_BATCHES && e->batch[0] > 0;
}

/* Whether any layer of a workload, whose entries are i to end, has a curve. */
static bool is_drawn(const struct summary *s, size_t i, size_t end)
{
	bool any = false;

	for (size_t k = i; k < end && (s->entry[i].traits & SAMPLE_LATENCY); k++)
		any |= has_curve(&s->entry[k]);
	return any;
}

static size_t count_panels(const struct summary *s)
{
	size_t count = 0;

	for (size_t i = 0, end; i < s->entries; i = end) {
		end = i + pick_variant(s, i);
		count += is_drawn(s, i, end);
	}
	return count;
}

/* Time in seconds against the place of its rank, i of n, at i/(n + 1). */
static void add_curve(struct buf *out, const struct summary_entry *e, size_t panel)
{
	size_t n = e->batches;
	size_t points = n < POINTS ? n : POINTS;

	buf_addf(out, "$E%zuL%" PRIu32 " << END\n", panel, e->layer);
	for (size_t i = 0; i < points; i++) {
		size_t rank = points < 2 ? 1 : 1 + i * (n - 1) / (points - 1);

		buf_addf(out, "%.6g %.5g\n", e->batch[rank - 1] * 1e-9,
			 -log10(1 - (double)rank / (double)(n + 1)));
	}
	buf_addf(out, "END\n$M%zuL%" PRIu32 " << END\n", panel, e->layer);
	/* A percentile that so few batches do not reach is not drawn. */
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (marks[i] <= (double)n / (double)(n + 1))
			buf_addf(out, "%.6g %.5g\n", stats_quantile(e->batch, n, marks[i]) * 1e-9,
				 -log10(1 - marks[i]));
	buf_addstr(out, "END\n");
}

static void add_panel(struct buf *out, const struct summary *s, size_t i, size_t end, size_t panel)
{
	double low = INFINITY, high = 0;
	const char *comma = "";

	for (size_t k = i; k < end; k++)
		if (has_curve(&s->entry[k])) {
			add_curve(out, &s->entry[k], panel);
			low = fmin(low, s->entry[k].batch[0] * 1e-9);
			high = fmax(high, s->entry[k].batch[s->entry[k].batches - 1] * 1e-9);
		}
	panel_time_axis(out, "x", low, high);
	buf_addstr(out, "plot");
	for (size_t k = i; k < end; k++) {
		uint32_t layer = s->entry[k].layer;

		if (!has_curve(&s->entry[k]))
			continue;
		buf_addf(out,
			 "%s $E%zuL%" PRIu32
			 " using 1:2 with lines linewidth 2 linecolor rgb '%s' notitle, "
			 "\\\n $M%zuL%" PRIu32
			 " using 1:2 with points pointtype %d pointsize 1.1 linewidth 1.5 "
			 "linecolor rgb '%s' notitle",
			 comma, panel, layer, script_colour(layer), panel, layer,
			 script_point(layer), script_colour(layer));
		comma = ", \\\n";
	}
	buf_addstr(out, "\n");
}

/* As far up as the batches reach, and a little more. */
static double highest_place(const struct summary *s)
{
	size_t most = 0;

	for (size_t i = 0; i < s->entries; i++)
		if ((s->entry[i].traits & SAMPLE_LATENCY) && s->entry[i].batches > most)
			most = s->entry[i].batches;
	return fmin(log10((double)most + 1) + 0.1, 3.1);
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	size_t panels = count_panels(s), panel = 0;
	struct panels layout;
	char label[TEXT_LABEL];

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no latency was measured by 8 batches in any layer");
	layout = panels_layout(panels < PANELS_MAX ? panels : PANELS_MAX);
	*width = layout.width;
	*height = layout.height;
	script_begin(out, s, "How often it takes longer: distribution over batches",
		     "marks: p50, p95, p99; the axis is stretched towards 100 %", *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addf(out, "set yrange [0:%.3g]\n", highest_place(s));
	buf_addstr(out, "set grid xtics\nset ytics ('0' 0, '50 %%' 0.30103, '90 "
			"%%' 1, '95 %%' "
			"1.30103, '99 %%' 2, '99.9 %%' 3)\n");
	for (size_t i = 0, end; i < s->entries && panel < PANELS_MAX; i = end) {
		end = i + pick_variant(s, i);
		if (!is_drawn(s, i, end))
			continue;
		panel_begin(out, &layout, panel, text_workload(s, &s->entry[i], label));
		add_panel(out, s, i, end, panel++);
	}
	panels_end(out);
	return buf_check(out, err);
}

static void table(const struct summary *s, struct grid *g)
{
	char text[TEXT_LABEL], p50[TEXT_SHORT], p95[TEXT_SHORT], p99[TEXT_SHORT];

	pick_head(s, "p50, p95, p99 over batches", 0, g);
	for (size_t i = 0, end; i < s->entries; i = end) {
		end = i + pick_variant(s, i);
		if (!is_drawn(s, i, end))
			continue;
		grid_add(g, text_workload(s, &s->entry[i], text));
		for (uint32_t k = 0; k < s->layers; k++) {
			const struct summary_entry *e = pick_layer(&s->entry[i], end - i, k);

			if (!e || !has_curve(e)) {
				grid_add(g, "no data");
				continue;
			}
			grid_addf(g, "%s, %s, %s",
				  text_cost(e, stats_quantile(e->batch, e->batches, 0.5), p50),
				  text_cost(e, e->p95, p95), text_cost(e, e->p99, p99));
		}
	}
}

const struct plot plot_percentiles = {
	.name = "percentiles",
	.title = "How often it takes longer",
	.summary = "distribution of the time per operation over batches, with the percentiles 50, "
		   "95 and 99",
	.place = PLOT_OF_WORKLOADS,
	.script = script,
	.table = table,
};
