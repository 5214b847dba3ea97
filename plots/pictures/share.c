/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usable share for each class and layer: bars from 0, because a share is a part of a whole. */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"
#include "results/table/text.h"

/*
 * Work can be cheaper in a layer than in L0 (an emulated CPU does not exit where a real VM does), a
 * hundred times even: such a bar is cut just behind 100 % and its figures say how far it would go.
 */
enum { LONGEST_BAR = 102 };
enum { WIDTH = 1200, BAR = 30, GAP = 20, BOTTOM = 70, CLASSES_MAX = 32, NAME_SHOWN = 13 };

/* The classes that can have a share, in the order of the entries; L0 is not booted. */
static size_t list_classes(const struct summary *s, const char *name[CLASSES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < s->entries && count < CLASSES_MAX; i++) {
		const char *class = s->entry[i].class;

		if (strcmp(class, "control") != 0 && strcmp(class, "boot") != 0 &&
		    (count == 0 || strcmp(class, name[count - 1]) != 0))
			name[count++] = class;
	}
	return count;
}

/* Where a bar lies: pixels from the top of the first. */
static double bar_y(size_t class, uint32_t layer, uint32_t depth)
{
	return (double)class * (depth * BAR + GAP) + (layer - 0.5) * BAR;
}

/* Numbers only: share, low and high in per cent, middle, bottom and top of the bar. */
static void add_data(struct buf *out, const struct summary *s, const char *const *name,
		     size_t count, uint32_t depth, uint32_t layer)
{
	buf_addf(out, "$L%" PRIu32 " << END\n", layer);
	for (size_t i = 0; i < count; i++) {
		const struct summary_class *c = pick_class(s, name[i], layer);
		double y = bar_y(i, layer, depth);

		if (!c || isnan(c->share.mid))
			continue;
		buf_addf(out, "%.6g ", fmin(100 * c->share.mid, LONGEST_BAR));
		if (isnan(c->share.low) || 100 * c->share.high > LONGEST_BAR)
			buf_addstr(out, "NaN NaN");
		else
			buf_addf(out, "%.6g %.6g", 100 * c->share.low, 100 * c->share.high);
		buf_addf(out, " %g %g %g\n", y, y - 0.42 * BAR, y + 0.42 * BAR);
	}
	buf_addstr(out, "END\n");
}

/* Where the figures of a bar stand: behind it, but not across the line at 100 %. */
static double figures_x(const struct summary_class *c)
{
	double end = 0;

	if (c && !isnan(c->share.mid))
		end = 100 * (isnan(c->share.high) ? c->share.mid : c->share.high);
	return end > LONGEST_BAR ? LONGEST_BAR : end > 78 && end < 100 ? 100 : end;
}

/* The size of the layers is what was asked for, unless the mode makes it a result. */
static bool is_as_asked(const struct summary_class *c)
{
	return strcmp(c->class, "capacity") == 0 && c->verdict == VERDICT_NOT_JUDGED;
}

/* The names at the left, and at the end of each bar its figures. */
static void add_labels(struct buf *out, const struct summary *s, const char *const *name,
		       size_t count, uint32_t depth)
{
	char text[TEXT_SHORT];

	for (size_t i = 0; i < count; i++) {
		buf_addstr(out, "set label ");
		script_text(out, csv_printable(name[i], text, NAME_SHOWN));
		buf_addf(out, " at graph -0.055, first %g right font ',16'\n",
			 (bar_y(i, 1, depth) + bar_y(i, depth, depth)) / 2);
		for (uint32_t k = 1; k <= depth; k++) {
			const struct summary_class *c = pick_class(s, name[i], k);
			bool drawn = c && !isnan(c->share.mid);

			buf_addf(out,
				 "set label 'L%" PRIu32
				 "' at graph -0.012, first %g right font ',12'\n",
				 k, bar_y(i, k, depth));
			buf_addstr(out, "set label ");
			script_text(out, drawn ? text_share(&c->share, text) : "no data");
			if (drawn && is_as_asked(c))
				buf_addstr(out, ".' (as asked for)'");
			buf_addf(out,
				 " at first %g, first %g left offset 0.8,0 font ',12' textcolor "
				 "rgb '%s'\n",
				 figures_x(c), bar_y(i, k, depth), drawn ? "#222222" : "#888888");
		}
	}
}

static void add_plot(struct buf *out, uint32_t depth)
{
	buf_addstr(out, "plot \\\n");
	for (uint32_t k = 1; k <= depth; k++)
		buf_addf(out,
			 "  $L%" PRIu32
			 " using 1:4:(0):1:5:6 with boxxyerror fillcolor rgb '%s' fill "
			 "pattern %d border linecolor rgb '%s' notitle, \\\n"
			 "  $L%" PRIu32 " using 1:4:2:3 with xerrorbars pointtype 0 linewidth 2 "
			 "linecolor rgb '#222222' notitle%s",
			 k, script_colour(k), script_pattern(k), script_colour(k), k,
			 k < depth ? ", \\\n" : "\n");
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	const char *name[CLASSES_MAX];
	size_t count = list_classes(s, name);
	uint32_t depth = script_depth(s);
	double all = (double)count * (depth * BAR + GAP) - GAP, ends = 12;
	bool any = false;

	for (size_t i = 0; i < s->classes; i++)
		any |= strcmp(s->class[i].class, "control") != 0;
	if (!any)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of workloads was measured both in L0 and in a VM");
	*width = WIDTH;
	*height = (unsigned)(all + 2 * ends) + SCRIPT_TOP + BOTTOM;
	script_begin(out, s, "Usable share of the machine", script_whiskers(s), *width, *height);
	script_key(out, s, 1, depth, KEY_BARS, *width, *height);
	for (uint32_t k = 1; k <= depth; k++)
		add_data(out, s, name, count, depth, k);
	add_labels(out, s, name, count, depth);
	buf_addf(out,
		 "set lmargin at screen 0.15\nset rmargin at screen 0.975\n"
		 "set tmargin at screen %.4f\nset bmargin at screen %.4f\n"
		 "set yrange [%g:%g]\nunset ytics\n"
		 "set xrange [0:127]\nset xtics 0,20,100 format '%%g %%%%' font ',12'\n"
		 "set arrow from 100, graph 0 to 100, graph 1 nohead linewidth 2 linecolor rgb "
		 "'#444444' back\n"
		 "set xlabel 'share of what L0 gives (100 %% is L0 itself)' font ',13'\n",
		 1 - (double)SCRIPT_TOP / *height, (double)BOTTOM / *height, all + ends, -ends);
	add_plot(out, depth);
	return buf_check(out, err);
}

static void table(const struct summary *s, struct grid *g)
{
	const char *name[CLASSES_MAX];
	size_t count = list_classes(s, name);
	char text[TEXT_SHORT];

	pick_head(s, "work", 1, g);
	for (size_t i = 0; i < count; i++) {
		grid_add(g, csv_printable(name[i], text, sizeof(text)));
		for (uint32_t k = 1; k < s->layers; k++) {
			const struct summary_class *c = pick_class(s, name[i], k);

			grid_add(g, c ? text_share(&c->share, text) : "no data");
		}
	}
}

const struct plot plot_share = {
	.name = "share",
	.title = "Usable share of the machine",
	.place = PLOT_NOT_IN_REPORT,
	.table = table,
	.summary = "usable share for each kind of work and layer",
	.script = script,
};
