/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long each layer takes from its start until its agent answers. */
#include "plots/plot.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "lib/parse.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"

enum { WIDTH = 1000, BAR = 44, BOTTOM = 60, LEFT = 70 };

/* From the class boot, or else from what the layers say of themselves. */
static struct estimate boot_time(const struct summary *s, uint32_t layer)
{
	for (size_t i = 0; i < s->entries; i++)
		if (s->entry[i].layer == layer && strcmp(s->entry[i].class, "boot") == 0 &&
		    s->entry[i].cost.mid > 0)
			return s->entry[i].cost;
	return (struct estimate){s->layer[layer].boot_ns, NAN, NAN};
}

static void add_label(struct buf *out, uint32_t layer, const struct estimate *time)
{
	char text[SIZE_TEXT];

	buf_addf(out,
		 "set label 'L%" PRIu32 "' at graph -0.015, first %" PRIu32 " right font ',14'\n",
		 layer, layer);
	if (isnan(time->mid))
		buf_addf(out,
			 "set label 'no data' at first 0, first %" PRIu32
			 " left offset 0.8,0 font ',13' textcolor rgb '#888888'\n",
			 layer);
	else
		buf_addf(out,
			 "set label '%s' at first %.6g, first %" PRIu32
			 " left offset 0.8,0 font ',13' textcolor rgb '#222222'\n",
			 format_duration_short(time->mid, text),
			 (isnan(time->high) ? time->mid : time->high) * 1e-9, layer);
}

static void add_data(struct buf *out, const struct estimate *t, uint32_t layer)
{
	buf_addf(out, "$B%" PRIu32 " << END\n", layer);
	if (!isnan(t->mid))
		buf_addf(out, "%.6g %" PRIu32 " %g %g", t->mid * 1e-9, layer, layer - 0.32,
			 layer + 0.32);
	if (!isnan(t->mid) && isnan(t->low))
		buf_addstr(out, " NaN NaN\n");
	else if (!isnan(t->mid))
		buf_addf(out, " %.6g %.6g\n", t->low * 1e-9, t->high * 1e-9);
	buf_addstr(out, "END\n");
}

static int script(const struct summary *s, struct buf *out, unsigned *width, unsigned *height,
		  struct err *err)
{
	double most = 0;

	for (uint32_t k = 1; k < s->layers; k++) {
		struct estimate t = boot_time(s, k);

		most = fmax(most, isnan(t.high) ? t.mid : t.high);
	}
	if (!(most > 0))
		return err_set(err, EXIT_INCONCLUSIVE, "no layer says how long it took to boot");
	*width = WIDTH;
	*height = SCRIPT_TOP + (s->layers - 1) * BAR + BOTTOM + 16;
	script_begin(out, s, "Time to boot, from starting a layer until it answers", NULL, *width,
		     *height);
	script_key(out, s, 1, s->layers - 1, KEY_BARS, *width, *height);
	for (uint32_t k = 1; k < s->layers; k++) {
		struct estimate t = boot_time(s, k);

		add_data(out, &t, k);
		add_label(out, k, &t);
	}
	buf_addf(out,
		 "set lmargin at screen %.4f\nset rmargin at screen 0.975\nset tmargin at screen "
		 "%.4f\n"
		 "set bmargin at screen %.4f\nset yrange [%g:0.4]\nunset ytics\nset xrange "
		 "[0:%.6g]\n"
		 "set xtics format '%%.0s %%cs' font ',12'\n",
		 (double)LEFT / WIDTH, 1 - (double)SCRIPT_TOP / *height, (double)BOTTOM / *height,
		 s->layers - 0.4, most * 1.18e-9);
	buf_addstr(out, "plot \\\n");
	for (uint32_t k = 1; k < s->layers; k++)
		buf_addf(out,
			 "  $B%" PRIu32
			 " using 1:2:(0):1:3:4 with boxxyerror fillcolor rgb '%s' fill pattern %d "
			 "border linecolor rgb '%s' notitle, \\\n  $B%" PRIu32
			 " using 1:2:5:6 with xerrorbars pointtype 0 linewidth 2 linecolor rgb "
			 "'#222222' "
			 "notitle%s",
			 k, script_colour(k), script_pattern(k), script_colour(k), k,
			 k + 1 < s->layers ? ", \\\n" : "\n");
	return buf_check(out, err);
}

static void table(const struct summary *s, struct grid *g)
{
	char text[SIZE_TEXT], label[TEXT_SHORT];

	grid_begin(g, 2);
	grid_add(g, "layer");
	grid_add(g, "time to boot");
	for (uint32_t k = 1; k < s->layers; k++) {
		double time = boot_time(s, k).mid;

		grid_add(g, text_layer(s, k, label));
		grid_add(g, isnan(time) ? "no data" : format_duration_short(time, text));
	}
}

const struct plot plot_boot = {
	.name = "boot",
	.title = "Time to boot",
	.summary = "time from starting a layer until its agent answers",
	.place = PLOT_OF_WORKLOADS,
	.script = script,
	.table = table,
};
