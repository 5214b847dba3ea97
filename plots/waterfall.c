/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the machine goes: from 100 % by the tax of each layer to what is left in the deepest. */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "plots/panels.h"
#include "plots/pick.h"
#include "plots/script.h"

/* A layer may have more than L0 (work that is cheaper there): bars are cut here, figures are not.
 */
static const double CUT = 108;

static bool is_drawn(const struct summary_class *c)
{
	return c->layer == 1 && strcmp(c->class, "control") != 0 && !isnan(c->share.mid);
}

static size_t count_panels(const struct summary *s)
{
	size_t count = 0;

	for (size_t i = 0; i < s->classes; i++)
		count += is_drawn(&s->class[i]);
	return count;
}

/* The deepest layer down to which a class has a share. */
static uint32_t class_depth(const struct summary *s, const char *class)
{
	uint32_t depth = 0;

	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_class *c = pick_class(s, class, k);

		if (!c || isnan(c->share.mid))
			break;
		depth = k;
	}
	return depth;
}

static double percent(const struct summary *s, const char *class, uint32_t layer)
{
	return layer ? 100 * pick_class(s, class, layer)->share.mid : 100;
}

/* Place, low and high of a bar. */
static void add_bar(struct buf *out, double x, double low, double high)
{
	buf_addf(out, "%g %g %g %.6g %.6g\n", x, x - 0.38, x + 0.38, fmin(low, CUT),
		 fmin(high, CUT));
}

static void add_figure(struct buf *out, double x, double y, double value, const char *sign)
{
	char text[TEXT_SHORT];

	buf_addf(out,
		 "set label '%s%s' at first %g, first %.6g center offset 0,0.6 font ',10' "
		 "textcolor rgb '#222222' front\n",
		 sign, text_percent(value / 100, text), x, fmin(y, CUT));
}

/* Layers stand at even places, taxes between. */
static void add_data(struct buf *out, const struct summary *s, const char *class, uint32_t depth,
		     size_t panel)
{
	for (uint32_t k = 0; k <= depth; k++) {
		double share = percent(s, class, k);

		buf_addf(out, "$W%zuL%" PRIu32 " << END\n", panel, k);
		add_bar(out, 2 * k, 0, share);
		buf_addstr(out, "END\n");
		add_figure(out, 2 * k, share, share, "");
	}
	buf_addf(out, "$W%zuT << END\n", panel);
	for (uint32_t k = 1; k <= depth; k++) {
		double before = percent(s, class, k - 1), after = percent(s, class, k);

		add_bar(out, 2 * k - 1, fmin(before, after), fmax(before, after));
	}
	buf_addstr(out, "END\n");
	for (uint32_t k = 1; k <= depth; k++) {
		double before = percent(s, class, k - 1), after = percent(s, class, k);

		/* Beside a bar that is cut there is no room, and little sense. */
		if (fmax(before, after) < 1000)
			add_figure(out, 2 * k - 1, fmax(before, after), fabs(before - after),
				   after > before ? "+" : "−");
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
	size_t panels = count_panels(s), panel = 0;
	struct panels layout;
	char name[TEXT_SHORT];

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of workloads was measured both in L0 and in a VM");
	layout = panels_layout(panels < PANELS_MAX ? panels : PANELS_MAX);
	*width = layout.width;
	*height = layout.height;
	script_begin(out, s, "Where the machine goes: usable share, and what each layer takes",
		     "in per cent of L0; hatched: the tax of the layer", *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addstr(out, "set yrange [0:122]\nset ytics 0,25,100 format '%g %%'\n");
	for (size_t i = 0; i < s->classes && panel < PANELS_MAX; i++) {
		const char *class = s->class[i].class;
		uint32_t depth = class_depth(s, class);

		if (!is_drawn(&s->class[i]))
			continue;
		panel_begin(out, &layout, panel, csv_printable(class, name, sizeof(name)));
		add_data(out, s, class, depth, panel);
		add_panel(out, depth, panel++);
	}
	panels_end(out);
	return buf_check(out, err);
}

static void table(const struct summary *s, struct grid *g)
{
	char text[TEXT_LABEL];

	grid_begin(g, 2 * s->layers - 1);
	grid_add(g, "work");
	for (uint32_t k = 1; k < s->layers; k++) {
		grid_addf(g, "taken by L%" PRIu32, k);
		grid_addf(g, "left in L%" PRIu32, k);
	}
	for (size_t i = 0; i < s->classes; i++) {
		const char *class = s->class[i].class;
		uint32_t depth = class_depth(s, class);

		if (!is_drawn(&s->class[i]))
			continue;
		grid_add(g, csv_printable(class, text, sizeof(text)));
		for (uint32_t k = 1; k < s->layers; k++) {
			if (k > depth) {
				grid_add(g, "no data");
				grid_add(g, "no data");
				continue;
			}
			grid_addf(g, "%s %%",
				  text_percent((percent(s, class, k - 1) - percent(s, class, k)) /
						       100,
					       text));
			grid_addf(g, "%s %%", text_percent(percent(s, class, k) / 100, text));
		}
	}
}

const struct plot plot_waterfall = {
	.name = "waterfall",
	.title = "Where the machine goes",
	.summary =
		"what each layer takes from the machine and what it leaves, for each kind of work",
	.place = PLOT_OF_CLASSES,
	.script = script,
	.table = table,
};
