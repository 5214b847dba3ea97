/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost against L0: one row per workload, one mark per layer, logarithmic, because ratios multiply.
 */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"
#include "plots/pictures/published.h"
#include "results/table/text.h"

enum {
	WIDTH = 1200,
	ROW = 34,
	BOTTOM = 70,
	ROWS_DRAWN = 60,
	LEFT = 240,
	FIGURE = 76,
	LABEL_SHOWN = 28
};

/* The entries of one workload, and by what it is sorted: the ratio of its deepest layer. */
struct line {
	const struct summary_entry *first;
	size_t count;
	double key;
};

/* Dearest first; those without a ratio last. */
static int compare_lines(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->key != b->key)
		return a->key < b->key ? 1 : -1;
	return (a->first > b->first) - (a->first < b->first);
}

/* Capacities are not a cost, and booting has no L0; both have pictures of their own. */
static size_t list_lines(const struct summary *s, struct line *line)
{
	size_t count = 0;

	for (size_t i = 0, variant; i < s->entries; i += variant) {
		struct line *l = &line[count];

		variant = pick_variant(s, i);
		if (strcmp(s->entry[i].class, "capacity") == 0 ||
		    strcmp(s->entry[i].class, "boot") == 0)
			continue;
		*l = (struct line){.first = &s->entry[i], .count = variant, .key = -1};
		for (size_t k = 0; k < variant; k++)
			if (l->first[k].layer && !isnan(l->first[k].ratio_l0.mid))
				l->key = l->first[k].ratio_l0.mid;
		count++;
	}
	qsort(line, count, sizeof(*line), compare_lines);
	return count;
}

/* Numbers only: ratio, low, high, row. Without an interval it is the mark itself. */
static void add_data(struct buf *out, const struct line *line, size_t rows, uint32_t layer)
{
	buf_addf(out, "$L%" PRIu32 " << END\n", layer);
	for (size_t i = 0; i < rows; i++) {
		const struct summary_entry *e = pick_layer(line[i].first, line[i].count, layer);
		const struct estimate *r = e ? &e->ratio_l0 : NULL;

		if (r && !isnan(r->mid))
			buf_addf(out, "%.6g %.6g %.6g %zu\n", r->mid,
				 isnan(r->low) ? r->mid : r->low, isnan(r->high) ? r->mid : r->high,
				 i);
	}
	buf_addstr(out, "END\n");
}

/* A thin line that joins the marks of each row. */
static void add_spans(struct buf *out, const struct line *line, size_t rows)
{
	buf_addstr(out, "$span << END\n");
	for (size_t i = 0; i < rows; i++) {
		double low = NAN, high = NAN;

		for (size_t k = 0; k < line[i].count; k++) {
			const struct summary_entry *e = &line[i].first[k];

			if (e->layer == 0 || isnan(e->ratio_l0.mid))
				continue;
			low = fmin(low, e->ratio_l0.mid);
			high = fmax(high, e->ratio_l0.mid);
		}
		if (!isnan(low))
			buf_addf(out, "%.6g %zu %.6g 0\n", low, i, high - low);
	}
	buf_addstr(out, "END\n");
}

/*
 * Where a layer would stand if it cost over the layer above, as that was measured here, what was
 * published for hardware. NAN: nothing corresponds.
 */
static double published_ratio(const struct line *line, uint32_t layer)
{
	const struct summary_entry *above = pick_layer(line->first, line->count, layer - 1);

	if (!above)
		return NAN;
	return published_step(line->first->workload, layer) *
	       (above->layer ? above->ratio_l0.mid : 1);
}

static bool has_published(const struct line *line, size_t rows, uint32_t layer)
{
	for (size_t i = 0; i < rows; i++)
		if (!isnan(published_ratio(&line[i], layer)))
			return true;
	return false;
}

static void add_published(struct buf *out, const struct line *line, size_t rows, uint32_t layer)
{
	if (!has_published(line, rows, layer))
		return;
	buf_addf(out, "$P%" PRIu32 " << END\n", layer);
	for (size_t i = 0; i < rows; i++)
		if (!isnan(published_ratio(&line[i], layer)))
			buf_addf(out, "%.6g %zu\n", published_ratio(&line[i], layer), i);
	buf_addstr(out, "END\n");
}

/* Where the figures of a layer end, right of the plot, in units of the plot's width. */
static double figure_place(uint32_t layer, uint32_t depth)
{
	return 1 + (double)(layer * FIGURE) / (WIDTH - LEFT - 24 - (double)(depth * FIGURE));
}

static void add_labels(struct buf *out, const struct summary *s, const struct line *line,
		       size_t rows, uint32_t depth)
{
	char label[TEXT_LABEL], shown[TEXT_LABEL], ratio[TEXT_SHORT];

	for (size_t i = 0; i < rows; i++) {
		buf_addstr(out, "set label ");
		script_fit(text_workload(s, line[i].first, label), LABEL_SHOWN, shown);
		script_text(out, shown);
		buf_addf(out, " at graph -0.015, first %zu right font ',%d'\n", i,
			 strlen(shown) > 24   ? 10
			 : strlen(shown) > 20 ? 12
					      : 14);
		for (uint32_t k = 1; k <= depth; k++) {
			const struct summary_entry *e = pick_layer(line[i].first, line[i].count, k);
			bool drawn = e && !isnan(e->ratio_l0.mid);

			buf_addf(out,
				 "set label '%s%s' at graph %.3f, first %zu right font ',12' "
				 "textcolor "
				 "rgb '%s'\n",
				 drawn ? text_ratio(e->ratio_l0.mid, ratio) : "no data",
				 drawn ? "×" : "", figure_place(k, depth), i,
				 drawn ? "#222222" : "#888888");
		}
	}
	for (uint32_t k = 1; k <= depth; k++)
		buf_addf(out,
			 "set label 'L%" PRIu32
			 "' at graph %.3f, first -0.95 right font ',12' textcolor "
			 "rgb '#666666'\n",
			 k, figure_place(k, depth));
}

static void add_plot(struct buf *out, const struct line *line, size_t rows, uint32_t depth)
{
	buf_addstr(out,
		   "plot \\\n  $span using 1:2:3:4 with vectors nohead linewidth 2 linecolor rgb "
		   "'#C8C8C8' notitle");
	for (uint32_t k = 1; k <= depth; k++)
		buf_addf(out,
			 ", \\\n  $L%" PRIu32
			 " using 1:4:2:3 with xerrorbars pointtype %d pointsize 1.6 "
			 "linewidth 2 linecolor rgb '%s' notitle",
			 k, script_point(k), script_colour(k));
	for (uint32_t k = 1; k <= depth; k++) {
		if (!has_published(line, rows, k))
			continue;
		buf_addf(out,
			 ", \\\n  $P%" PRIu32 " using 1:2 with points pointtype 12 pointsize 1.7 "
			 "linewidth 2 linecolor rgb '%s' notitle",
			 k, script_colour(k));
	}
	buf_addstr(out, "\n");
}

/* Powers of ten where the ratios span them, finer steps where they do not. */
static const char *choose_tics(double low, double high)
{
	if (high / low < 3)
		return "(0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2, 2.5, 3)";
	if (high / low < 80)
		return "(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50)";
	return "autofreq";
}

static void add_axes(struct buf *out, size_t rows, uint32_t depth, const struct line *line,
		     unsigned height)
{
	double low = 1, high = 1;

	for (size_t i = 0; i < rows; i++)
		for (size_t k = 0; k < line[i].count; k++) {
			const struct estimate *r = &line[i].first[k].ratio_l0;

			low = fmin(low, fmin(r->mid, r->low));
			high = fmax(high, fmax(r->mid, r->high));
		}
	for (size_t i = 0; i < rows; i++)
		for (uint32_t k = 1; k <= depth; k++) {
			low = fmin(low, published_ratio(&line[i], k));
			high = fmax(high, published_ratio(&line[i], k));
		}
	low *= 0.92;
	high *= 1.12;
	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen %.4f\n"
		 "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
		 "set yrange [%g:-1.3]\nunset ytics\n"
		 "set logscale x 10\nset xrange [%.6g:%.6g]\nset xtics %s\n"
		 "set xtics format '%%g×' font ',12'\n"
		 "set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb "
		 "'#444444' back\n"
		 "set xlabel 'time per operation, as a multiple of L0 (logarithmic; 1× is L0)' "
		 "font ',13'\n",
		 (double)LEFT / WIDTH, 1 - (24 + (double)(depth * FIGURE)) / WIDTH,
		 1 - (double)SCRIPT_TOP / height, (double)BOTTOM / height, (double)rows - 0.4, low,
		 high, choose_tics(low, high));
}

/* Below the key, in a line of its own. */
static void add_published_key(struct buf *out, unsigned width, unsigned height)
{
	buf_addf(out,
		 "set label '' at screen %.4f,%.4f point pointtype 12 pointsize 1.5 linewidth 2 "
		 "linecolor "
		 "rgb '#222222'\n",
		 36.0 / width, 1 - 134.0 / height);
	script_label(out,
		     "published, in the colour of the layer: over the layer above as on hardware "
		     "(PVM, SOSP 2023; DVH, ASPLOS 2020)",
		     52, 134, 12, "#222222", width, height);
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	struct line *line = calloc(s->entries + 1, sizeof(*line));
	uint32_t depth = script_depth(s);
	size_t count, rows;
	bool published = false;
	int rc = -1;

	if (!line)
		return err_set(err, EXIT_INTERNAL, "out of memory for a plot");
	count = list_lines(s, line);
	rows = count < ROWS_DRAWN ? count : ROWS_DRAWN;
	if (count == 0 || line[0].key < 0) {
		err_set(err, EXIT_INCONCLUSIVE, "no workload was measured both in L0 and in a VM");
		goto cleanup;
	}
	*width = WIDTH;
	*height = (unsigned)((rows + 1) * ROW) + SCRIPT_TOP + BOTTOM;
	script_begin(out, s, "What one operation costs, against L0",
		     rows < count ? "the dearest 60 workloads" : script_whiskers(s), *width,
		     *height);
	script_key(out, s, 1, depth, KEY_MARKS, *width, *height);
	for (uint32_t k = 1; k <= depth; k++) {
		published |= has_published(line, rows, k);
		add_published(out, line, rows, k);
		add_data(out, line, rows, k);
	}
	if (published)
		add_published_key(out, *width, *height);
	add_spans(out, line, rows);
	add_labels(out, s, line, rows, depth);
	add_axes(out, rows, depth, line, *height);
	add_plot(out, line, rows, depth);
	rc = buf_check(out, err);
cleanup:
	free(line);
	return rc;
}

/* "L1 16.2, L2 367", or a dash. */
static const char *say_published(const struct line *line, uint32_t layers, char text[TEXT_LABEL])
{
	char ratio[TEXT_SHORT];

	text[0] = '\0';
	for (uint32_t k = 1; k < layers; k++)
		if (!isnan(published_ratio(line, k)))
			str_addf(text, TEXT_LABEL, "%sL%" PRIu32 " %s", text[0] ? ", " : "", k,
				 text_ratio(published_ratio(line, k), ratio));
	return text[0] ? text : str_copy(text, TEXT_LABEL, "–");
}

static void table(const struct summary *s, struct grid *g)
{
	struct line *line = calloc(s->entries + 1, sizeof(*line));
	size_t count = line ? list_lines(s, line) : 0;
	char text[TEXT_LABEL];

	g->failed |= !line;
	grid_begin(g, s->layers + 1);
	grid_add(g, "workload: × L0");
	for (uint32_t k = 1; k < s->layers; k++)
		grid_add(g, text_layer(s, k, text));
	grid_add(g, "as published, over the layer above");
	for (size_t i = 0; i < count; i++) {
		grid_add(g, text_workload(s, line[i].first, text));
		for (uint32_t k = 1; k < s->layers; k++) {
			const struct summary_entry *e = pick_layer(line[i].first, line[i].count, k);

			grid_add(g, e ? pick_ratio(&e->ratio_l0, text) : "no data");
		}
		grid_add(g, say_published(&line[i], s->layers, text));
	}
	free(line);
}

const struct plot plot_ratio = {
	.name = "ratio",
	.title = "What one operation costs, against L0",
	.place = PLOT_OF_CLASSES,
	.table = table,
	.summary = "cost of one operation in each layer as a multiple of L0",
	.script = script,
};
