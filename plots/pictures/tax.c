/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tax of each layer: one waterfall for each resource, from all of L0 down to what the deepest
 * layer has. Only of runs in mode share. */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "plots/gnuplot/panels.h"
#include "plots/gnuplot/script.h"
#include "results/summary/tax.h"
#include "results/table/text.h"

enum { PANEL_WIDTH = 1060, PANEL_HEIGHT = 250, BOTTOM = 20, PARTS = 3 };

static const struct {
	const char *name, *colour;
	int pattern;
} parts[PARTS] = {
	{"reserved", "#888888", 1},
	{"hypervisor", "#D55E00", 2},
	{"slower", "#CC79A7", 4},
};

/* A bar of 100 % that becomes larger is cut; its figure is not. */
static const double CUT = 112;

/* How far down a resource is known, and whether with its speed. */
static uint32_t known_depth(const struct tax *t, enum tax_resource r, bool speed)
{
	uint32_t depth = 0;

	while (depth + 1 < t->layers && tax_known(&t->step[r][depth + 1], speed))
		depth++;
	return depth;
}

static bool has_speed(const struct tax *t, enum tax_resource r)
{
	return known_depth(t, r, true) > 0;
}

static void add_bar(struct buf *out, double x, double from, double to)
{
	buf_addf(out, "%g %.6g %.6g %.6g\n", x, fmin(from, CUT), fmin(fmin(from, to), CUT),
		 fmin(fmax(from, to), CUT));
}

static void add_figure(struct buf *out, double x, double top, const char *sign, double value)
{
	char text[TEXT_SHORT];

	/* Less is but an error of rounding. */
	if (fabs(value) < 1e-7)
		value = 0;
	buf_addf(out,
		 "set label '%s%s %%' at first %g, first %.6g center offset 0,0.6 font ',10' "
		 "textcolor rgb '#222222' front\n",
		 value == 0 ? "" : sign, value == 0 ? "0" : text_percent(value / 100, text), x,
		 fmin(top, CUT));
}

/* What of the machine is left in a layer, in per cent. */
static double level(const struct tax *t, enum tax_resource r, uint32_t layer, bool speed)
{
	double left = 100;

	for (uint32_t k = 1; k <= layer; k++) {
		const struct tax_step *step = &t->step[r][k];

		left *= speed ? step->left.mid : 1 - step->reserved.mid - step->hypervisor.mid;
	}
	return left;
}

static double part_of(const struct tax_step *step, int part)
{
	return part == 0 ? step->reserved.mid : part == 1 ? step->hypervisor.mid : step->slower.mid;
}

/* Bars of layers stand at 4 k, those of taxes between. */
static void add_data(struct buf *out, const struct tax *t, enum tax_resource r, uint32_t depth,
		     bool speed)
{
	int counted = speed ? PARTS : PARTS - 1;

	for (uint32_t k = 0; k <= depth; k++) {
		double left = level(t, r, k, speed);

		buf_addf(out, "$R%dL%" PRIu32 " << END\n", (int)r, k);
		add_bar(out, 4 * k, 0, left);
		buf_addstr(out, "END\n");
		add_figure(out, 4 * k, left, "", left);
	}
	for (int p = 0; p < counted; p++) {
		buf_addf(out, "$R%dP%d << END\n", (int)r, p);
		for (uint32_t k = 1; k <= depth; k++) {
			double before = level(t, r, k - 1, speed), from = before;

			for (int i = 0; i < p; i++)
				from -= before * part_of(&t->step[r][k], i);
			add_bar(out, 4 * k - 3 + p, from,
				from - before * part_of(&t->step[r][k], p));
		}
		buf_addstr(out, "END\n");
	}
	for (uint32_t k = 1; k <= depth; k++) {
		double before = level(t, r, k - 1, speed), from = before;

		for (int p = 0; p < counted; p++) {
			double tax = before * part_of(&t->step[r][k], p);

			add_figure(out, 4 * k - 3 + p, fmax(from, from - tax), tax < 0 ? "+" : "−",
				   fabs(tax));
			from -= tax;
		}
		if (!speed)
			buf_addf(out,
				 "set label 'not known' at first %" PRIu32 ", first %.6g center "
				 "offset 0,0.6 font ',10' textcolor rgb '#666666' front\n",
				 4 * k - 1, from);
	}
}

/* Intervals of the bars of layers; returns how many there are. */
static size_t add_whiskers(struct buf *out, const struct tax *t, enum tax_resource r,
			   uint32_t depth)
{
	size_t count = 0;

	buf_addf(out, "$R%dW << END\n", (int)r);
	for (uint32_t k = 1; k <= depth; k++) {
		const struct estimate *left = &t->step[r][k].left_l0;

		if (isnan(left->low))
			continue;
		buf_addf(out, "%" PRIu32 " %.6g %.6g\n", 4 * k, fmin(100 * left->low, CUT),
			 fmin(100 * left->high, CUT));
		count++;
	}
	buf_addstr(out, "END\n");
	return count;
}

static void add_panel(struct buf *out, enum tax_resource r, uint32_t depth, bool speed,
		      size_t whiskers)
{
	buf_addf(out, "set xrange [-0.7:%g]\nset xtics (", 4.0 * depth + 0.7);
	for (uint32_t k = 0; k <= depth; k++) {
		buf_addf(out, "%s'L%" PRIu32 "' %" PRIu32, k ? ", " : "", k, 4 * k);
		for (int p = 0; p < PARTS && k < depth; p++)
			buf_addf(out, ", '%s' %" PRIu32, parts[p].name, 4 * k + 1 + (uint32_t)p);
	}
	buf_addstr(out, ")\nplot ");
	for (int p = 0; p < (speed ? PARTS : PARTS - 1); p++)
		buf_addf(out,
			 "$R%dP%d using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror fillcolor rgb "
			 "'%s' fill pattern %d border linecolor rgb '%s' notitle, \\\n  ",
			 (int)r, p, parts[p].colour, parts[p].pattern, parts[p].colour);
	for (uint32_t k = 0; k <= depth; k++)
		buf_addf(out,
			 "$R%dL%" PRIu32 " using 1:2:($1-0.38):($1+0.38):3:4 with boxxyerror "
			 "fillcolor rgb '%s' fill solid border linecolor rgb '%s' notitle%s",
			 (int)r, k, script_colour(k), script_colour(k),
			 k < depth || whiskers ? ", \\\n  " : "\n");
	if (whiskers)
		buf_addf(
			out,
			"$R%dW using 1:2:(0):($3-$2) with vectors nohead linewidth 2 linecolor rgb "
			"'#222222' notitle\n",
			(int)r);
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	struct panels layout = {
		.columns = 1, .panel_width = PANEL_WIDTH, .panel_height = PANEL_HEIGHT};
	size_t panels = 0, panel = 0;
	struct tax t;

	if (!tax_applies(s))
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no taxes of layers were measured: sizes are results with --mode "
			       "share only");
	if (tax_make(s, &t, err) < 0)
		return -1;
	for (int r = 0; r < TAX_RESOURCES; r++)
		panels += known_depth(&t, (enum tax_resource)r, false) > 0;
	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no capacity was found both in L0 and in a VM");
	*width = layout.width = PANEL_WIDTH + 48;
	*height = layout.height = (unsigned)panels * PANEL_HEIGHT + SCRIPT_TOP + BOTTOM;
	script_begin(out, s, "The tax of each layer",
		     "what it reserves, what is lost below it; in per cent of L0", *width, *height);
	script_key(out, s, 0, s->layers - 1, KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addstr(out, "set yrange [0:128]\nset ytics 0,25,100 format '%g %%'\n");
	for (int i = 0; i < TAX_RESOURCES; i++) {
		enum tax_resource r = (enum tax_resource)i;
		bool speed = has_speed(&t, r);
		uint32_t depth = known_depth(&t, r, speed);
		char title[TEXT_LABEL];

		if (depth == 0)
			continue;
		snprintf(title, sizeof(title), "%s%s", tax_resource_name(r),
			 speed ? "" : ": only how much, for how fast was not measured");
		panel_begin(out, &layout, panel++, title);
		add_data(out, &t, r, depth, speed);
		add_panel(out, r, depth, speed, add_whiskers(out, &t, r, speed ? depth : 0));
	}
	panels_end(out);
	return buf_check(out, err);
}

static void add_rows(struct grid *g, enum tax_resource r, const struct tax *t)
{
	char text[64];

	for (uint32_t k = 1; k < t->layers; k++) {
		const struct tax_step *step = &t->step[r][k];
		const struct estimate *part[] = {&step->reserved, &step->hypervisor, &step->slower,
						 &step->left, &step->left_l0};

		grid_addf(g, "%s, L%" PRIu32 " to L%" PRIu32, tax_resource_name(r), k - 1, k);
		grid_add(g, tax_amount(r, step->has, text));
		grid_add(g, tax_amount(r, step->handed, text));
		grid_add(g, tax_amount(r, step->usable.mid, text));
		for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++)
			grid_add(g, tax_part(part[i], text));
	}
}

static void table(const struct summary *s, struct grid *g)
{
	static const char *const head[] = {"of what reached the layer above",
					   "it has",
					   "hands on",
					   "usable below",
					   "reserved by the layer",
					   "lost to the hypervisor",
					   "lost to slower work",
					   "left",
					   "left of L0"};
	struct tax t;
	struct err err;

	if (tax_make(s, &t, &err) < 0) {
		g->failed = true;
		return;
	}
	grid_begin(g, sizeof(head) / sizeof(head[0]));
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
		grid_add(g, head[i]);
	for (int r = 0; r < TAX_RESOURCES; r++)
		add_rows(g, (enum tax_resource)r, &t);
}

const struct plot plot_tax = {
	.name = "tax",
	.title = "The tax of each layer",
	.summary = "what of CPUs, memory and disk each layer reserves, what is lost to the "
		   "hypervisor and to slower work, and what is left",
	.place = PLOT_OF_CLASSES,
	.script = script,
	.table = table,
};
