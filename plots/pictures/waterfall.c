/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the machine goes: from 100 % by the tax of each layer to what is left in the deepest, one
 * panel for each resource. The share of a resource is that of the kind of work that uses it. How
 * much of it there is (capacities) says something only where each layer passes on what it does not
 * need; else each is given what was asked for.
 */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/gnuplot/panels.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"

/* A layer may have more than L0 (work that is cheaper there): bars are cut here, figures are not.
 */
static const double CUT = 108;

/* Kinds of work that are none of these (exit, app) use several resources at once. */
static const struct {
	const char *class, *name;
} resources[] = {
	{"cpu", "CPU"}, {"mem", "memory"}, {"io", "disk I/O"}, {"net", "network"}, {"gpu", "GPU"},
};

enum { RESOURCES = sizeof(resources) / sizeof(resources[0]) };

/* A panel: the shares from L1 to the deepest layer down to which there is any. */
struct fall {
	char name[TEXT_LABEL];
	double percent[LAYERS_MAX];
	uint32_t depth;
};

/* Appends the share of the next deeper layer; false when there is none. */
static bool add_share(struct fall *f, double share)
{
	if (isnan(share))
		return false;
	f->percent[0] = 100;
	f->percent[++f->depth] = 100 * share;
	return true;
}

static struct fall fall_of_class(const struct summary *s, size_t resource)
{
	const struct summary_class *c = pick_class(s, resources[resource].class, 1);
	struct fall f = {.depth = 0};

	if (!c)
		return f;
	snprintf(f.name, sizeof(f.name), "%s  (%s: %zu workload%s)", resources[resource].name,
		 c->class, c->workloads, c->workloads == 1 ? "" : "s");
	for (uint32_t k = 1; c && k < s->layers && add_share(&f, c->share.mid); k++)
		c = pick_class(s, c->class, k + 1);
	return f;
}

static struct fall fall_of_capacity(const struct summary *s, size_t first, size_t count)
{
	static const char prefix[] = "capacity.";
	struct fall f = {.depth = 0};
	char name[TEXT_LABEL];

	text_workload(s, &s->entry[first], name);
	snprintf(f.name, sizeof(f.name), "size: %.100s",
		 strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : name);
	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_entry *e = pick_layer(&s->entry[first], count, k);

		if (!e || !add_share(&f, e->share.mid))
			break;
	}
	return f;
}

static bool differs(const struct fall *f)
{
	for (uint32_t k = 1; k <= f->depth; k++)
		if (fabs(f->percent[k] - f->percent[k - 1]) >= 0.1)
			return true;
	return false;
}

static size_t list_falls(const struct summary *s, struct fall fall[PANELS_MAX])
{
	bool sized = strcmp(s->manifest.mode, "share") == 0;
	size_t count = 0;

	for (size_t i = 0; i < RESOURCES; i++) {
		fall[count] = fall_of_class(s, i);
		count += fall[count].depth > 0;
	}
	for (size_t i = 0, n; sized && i < s->entries && count < PANELS_MAX; i += n) {
		n = pick_variant(s, i);
		if (strcmp(s->entry[i].class, "capacity") != 0)
			continue;
		fall[count] = fall_of_capacity(s, i, n);
		count += differs(&fall[count]);
	}
	return count;
}

/* Place, low and high of a bar. */
static void add_bar(struct buf *out, double x, double low, double high)
{
	buf_addf(out, "%g %g %g %.6g %.6g\n", x, x - 0.38, x + 0.38, fmin(low, CUT),
		 fmin(high, CUT));
}

static void add_figure(struct buf *out, double x, double y, double value, const char *sign,
		       uint32_t depth)
{
	char text[TEXT_SHORT];

	buf_addf(out,
		 "set label '%s%s' at first %g, first %.6g center offset 0,0.6 font ',%d' "
		 "textcolor rgb '#222222' front\n",
		 sign, text_percent(value / 100, text), x, fmin(y, CUT), depth > 4 ? 8 : 10);
}

/* Layers stand at even places, taxes between. */
static void add_data(struct buf *out, const struct fall *f, size_t panel)
{
	uint32_t depth = f->depth;

	for (uint32_t k = 0; k <= depth; k++) {
		double share = f->percent[k];

		buf_addf(out, "$W%zuL%" PRIu32 " << END\n", panel, k);
		add_bar(out, 2 * k, 0, share);
		buf_addstr(out, "END\n");
		add_figure(out, 2 * k, share, share, "", depth);
	}
	buf_addf(out, "$W%zuT << END\n", panel);
	for (uint32_t k = 1; k <= depth; k++) {
		double before = f->percent[k - 1], after = f->percent[k];

		add_bar(out, 2 * k - 1, fmin(before, after), fmax(before, after));
	}
	buf_addstr(out, "END\n");
	for (uint32_t k = 1; k <= depth; k++) {
		double before = f->percent[k - 1], after = f->percent[k];

		/* Beside a bar that is cut there is no room, and little sense. */
		if (fmax(before, after) < 1000)
			add_figure(out, 2 * k - 1, fmax(before, after), fabs(before - after),
				   after > before ? "+" : "−", depth);
	}
}

static void add_panel(struct buf *out, uint32_t depth, size_t panel)
{
	buf_addf(out, "set xrange [-0.7:%g]\nset xtics (", 2.0 * depth + 0.7);
	for (uint32_t k = 0; k <= depth; k++)
		buf_addf(out, "%s'L%" PRIu32 "' %" PRIu32, k ? ", " : "", k, 2 * k);
	buf_addf(out,
		 ")\nplot $W%zuT using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '#C8C8C8' fill "
		 "pattern 2 border linecolor rgb '#888888' notitle",
		 panel);
	for (uint32_t k = 0; k <= depth; k++)
		buf_addf(out,
			 ", \\\n  $W%zuL%" PRIu32
			 " using 1:4:2:3:4:5 with boxxyerror fillcolor rgb '%s' fill solid border "
			 "linecolor rgb '%s' notitle",
			 panel, k, script_colour(k), script_colour(k));
	buf_addstr(out, "\n");
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	struct fall fall[PANELS_MAX];
	size_t panels = list_falls(s, fall);
	struct panels layout;
	uint32_t depth = 0;

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work that stands for a resource was measured both in "
			       "L0 and in a VM");
	for (size_t i = 0; i < panels; i++)
		depth = fall[i].depth > depth ? fall[i].depth : depth;
	layout = depth > 2 ? panels_layout_wide(panels) : panels_layout(panels);
	*width = layout.width;
	*height = layout.height;
	script_begin(out, s, "Where the machine goes: usable share of each resource",
		     "% of L0; hatched: the tax of a layer", *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addstr(out, "set yrange [0:122]\nset ytics 0,25,100 format '%g %%'\n");
	for (size_t i = 0; i < panels; i++) {
		panel_begin(out, &layout, i, fall[i].name);
		add_data(out, &fall[i], i);
		add_panel(out, fall[i].depth, i);
	}
	panels_end(out);
	return buf_check(out, err);
}

static void add_row(const struct summary *s, const struct fall *f, struct grid *g)
{
	char text[TEXT_SHORT];

	grid_add(g, f->name);
	for (uint32_t k = 1; k < s->layers; k++) {
		if (k > f->depth) {
			grid_add(g, "no data");
			grid_add(g, "no data");
			continue;
		}
		grid_addf(g, "%s %%",
			  text_percent((f->percent[k - 1] - f->percent[k]) / 100, text));
		grid_addf(g, "%s %%", text_percent(f->percent[k] / 100, text));
	}
}

static void table(const struct summary *s, struct grid *g)
{
	struct fall fall[PANELS_MAX];
	size_t count = list_falls(s, fall);

	grid_begin(g, 2 * s->layers - 1);
	grid_add(g, "resource (class that stands for it)");
	for (uint32_t k = 1; k < s->layers; k++) {
		grid_addf(g, "taken by L%" PRIu32, k);
		grid_addf(g, "left in L%" PRIu32, k);
	}
	for (size_t i = 0; i < count; i++)
		add_row(s, &fall[i], g);
}

const struct plot plot_waterfall = {
	.name = "waterfall",
	.title = "Where the machine goes",
	.summary =
		"what each layer takes of each resource and what it leaves; in brackets the kind "
		"of "
		"work that stands for the resource (exits and applications use several, and have "
		"no panel)",
	.place = PLOT_OF_CLASSES,
	.script = script,
	.table = table,
};
