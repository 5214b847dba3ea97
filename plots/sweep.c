/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/panels.h"
#include "plots/pick.h"
#include "plots/script.h"
#include "results/params.h"

static bool counts(const struct sweep *w, const struct summary_entry *e)
{
	return w->belongs(e) && e->cost.mid > 0;
}

/* Whether two entries are points of the same panel. */
static bool same_panel(const struct sweep *w, const struct summary_entry *a,
		       const struct summary_entry *b)
{
	char left[ROW_PARAMS], right[ROW_PARAMS];

	return strcmp(a->workload, b->workload) == 0 &&
	       (w->threads_swept || a->threads == b->threads) &&
	       strcmp(params_without(a->params, w->swept, left, sizeof(left)),
		      params_without(b->params, w->swept, right, sizeof(right))) == 0;
}

/* Whether a panel begins with entry i: it is the first of its kind, and there are two different x.
 */
static bool begins(const struct sweep *w, const struct summary *s, size_t i)
{
	const struct summary_entry *e = &s->entry[i];
	bool swept = false;

	if (!counts(w, e))
		return false;
	for (size_t k = 0; k < i; k++)
		if (counts(w, &s->entry[k]) && same_panel(w, e, &s->entry[k]))
			return false;
	for (size_t k = i + 1; k < s->entries; k++)
		swept |= counts(w, &s->entry[k]) && same_panel(w, e, &s->entry[k]) &&
			 w->x(e) != w->x(&s->entry[k]);
	return swept;
}

static void panel_title(const struct sweep *w, const struct summary_entry *e,
			char title[TEXT_LABEL])
{
	char rest[ROW_PARAMS];

	params_without(e->params, w->swept, rest, sizeof(rest));
	snprintf(title, TEXT_LABEL, "%.60s%s%.64s", e->workload, rest[0] ? " " : "", rest);
}

/* Points of one layer, unsorted: gnuplot sorts them by "smooth unique", which leaves them as they
 * are. */
static size_t add_layer(struct buf *out, const struct sweep *w, const struct summary *s,
			size_t first, size_t panel, uint32_t layer)
{
	size_t points = 0;

	buf_addf(out, "$S%zuL%" PRIu32 " << END\n", panel, layer);
	for (size_t i = first; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];
		double low, high, mid;

		if (e->layer != layer || !counts(w, e) || !same_panel(w, &s->entry[first], e))
			continue;
		mid = w->y(e, e->cost.mid);
		low = isnan(e->cost.low) ? mid : w->y(e, e->cost.low);
		high = isnan(e->cost.high) ? mid : w->y(e, e->cost.high);
		buf_addf(out, "%.6g %.6g %.6g %.6g\n", w->x(e), mid, fmin(low, high),
			 fmax(low, high));
		points++;
	}
	buf_addstr(out, "END\n");
	return points;
}

/* Tics at powers of two, each so manyth that there are about six. */
static void add_tics(struct buf *out, const struct sweep *w, const struct summary *s, size_t first)
{
	double low = w->x(&s->entry[first]), high = low, step;

	for (size_t i = first; i < s->entries; i++)
		if (counts(w, &s->entry[i]) && same_panel(w, &s->entry[first], &s->entry[i])) {
			low = fmin(low, w->x(&s->entry[i]));
			high = fmax(high, w->x(&s->entry[i]));
		}
	step = fmax(1, ceil(log2(high / low) / 6));
	buf_addstr(out, "set xtics (");
	for (double at = step * floor(log2(low) / step); at <= log2(high) + step; at += step)
		buf_addf(out, "%s%.17g", at > step * floor(log2(low) / step) ? ", " : "",
			 pow(2, at));
	buf_addstr(out, ")\n");
}

static void add_panel(struct buf *out, const struct sweep *w, const struct summary *s, size_t first,
		      size_t panel)
{
	bool has[LAYERS_MAX] = {false};
	const char *comma = "";

	for (uint32_t k = 0; k < s->layers; k++)
		has[k] = add_layer(out, w, s, first, panel, k) > 0;
	add_tics(out, w, s, first);
	buf_addstr(out, "plot");
	for (uint32_t k = 0; k < s->layers; k++) {
		if (!has[k])
			continue;
		buf_addf(out,
			 "%s $S%zuL%" PRIu32
			 " using 1:2 smooth unique with lines linewidth 2 linecolor rgb "
			 "'%s' notitle, \\\n $S%zuL%" PRIu32
			 " using 1:2:3:4 with yerrorbars pointtype %d pointsize 1 linewidth 1.5 "
			 "linecolor rgb "
			 "'%s' notitle",
			 comma, panel, k, script_colour(k), panel, k, script_point(k),
			 script_colour(k));
		comma = ", \\\n";
	}
	buf_addstr(out, "\n");
}

int sweep_script(const struct sweep *w, const struct summary *s, struct buf *out, unsigned *width,
		 unsigned *height, struct err *err)
{
	size_t panels = 0, panel = 0;
	struct panels layout;
	char title[TEXT_LABEL];

	for (size_t i = 0; i < s->entries && panels < PANELS_MAX; i++)
		panels += begins(w, s, i);
	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "%s", w->nothing);
	layout = panels_layout(panels);
	*width = layout.width;
	*height = layout.height;
	script_begin(out, s, w->title, w->remark, *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addf(out,
		 "set grid xtics\nset logscale x 2\nset logscale y 10\nset xtics format '%s'\n"
		 "set ytics format '%s'\nset xlabel '%s' font ',11' offset 0,0.6\nset offsets "
		 "graph 0.05, graph "
		 "0.05\n",
		 w->x_format, w->y_format, w->x_label);
	for (size_t i = 0; i < s->entries && panel < panels; i++)
		if (begins(w, s, i)) {
			panel_title(w, &s->entry[i], title);
			panel_begin(out, &layout, panel, title);
			add_panel(out, w, s, i, panel++);
		}
	panels_end(out);
	return buf_check(out, err);
}

static const struct summary_entry *find(const struct sweep *w, const struct summary *s,
					size_t first, double x, uint32_t layer)
{
	for (size_t i = first; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (e->layer == layer && counts(w, e) && same_panel(w, &s->entry[first], e) &&
		    w->x(e) == x)
			return e;
	}
	return NULL;
}

/* The smallest x of a panel that is above `after`; 0 when there is none. */
static double next_x(const struct sweep *w, const struct summary *s, size_t first, double after)
{
	double x = 0;

	for (size_t i = first; i < s->entries; i++) {
		const struct summary_entry *e = &s->entry[i];

		if (counts(w, e) && same_panel(w, &s->entry[first], e) && w->x(e) > after &&
		    (x == 0 || w->x(e) < x))
			x = w->x(e);
	}
	return x;
}

void sweep_table(const struct sweep *w, const struct summary *s, struct grid *g)
{
	char text[TEXT_SHORT], title[TEXT_LABEL];

	pick_head(s, w->x_label, 0, g);
	for (size_t i = 0; i < s->entries; i++) {
		if (!begins(w, s, i))
			continue;
		panel_title(w, &s->entry[i], title);
		for (double x = next_x(w, s, i, 0); x > 0; x = next_x(w, s, i, x)) {
			char label[TEXT_LABEL + 4];

			w->show_x(x, text);
			snprintf(label, sizeof(label), "%s: ", title);
			grid_addf(g, "%s%s", csv_printable(label, label, sizeof(label)), text);
			for (uint32_t k = 0; k < s->layers; k++) {
				const struct summary_entry *e = find(w, s, i, x, k);

				if (e)
					w->show(e, w->y(e, e->cost.mid), text);
				grid_add(g, e ? text : "no data");
			}
		}
	}
}
