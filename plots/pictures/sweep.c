/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/pictures/sweep.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plots/gnuplot/panels.h"
#include "plots/gnuplot/pick.h"
#include "plots/gnuplot/script.h"
#include "results/rundir/params.h"

/* A panel: a kind of sweep, and the first entry that belongs to it. */
struct panel {
	const struct sweep *sweep;
	const struct sweep_kind *kind;
	const struct summary *s;
	size_t first;
};

static bool counts(const struct sweep_kind *k, const struct summary_entry *e)
{
	return k->belongs(e) && e->cost.mid > 0;
}

/* Whether two entries are points of the same panel. */
static bool same_panel(const struct sweep_kind *k, const struct summary_entry *a,
		       const struct summary_entry *b)
{
	const char *const swept[] = {k->swept, NULL};
	char left[ROW_PARAMS], right[ROW_PARAMS];

	return strcmp(a->workload, b->workload) == 0 && (!k->swept || a->threads == b->threads) &&
	       strcmp(params_without(a->params, swept, left, sizeof(left)),
		      params_without(b->params, swept, right, sizeof(right))) == 0;
}

static bool is_point(const struct panel *p, const struct summary_entry *e)
{
	return counts(p->kind, e) && same_panel(p->kind, &p->s->entry[p->first], e);
}

/* Whether a panel begins with this entry: it is the first, and there are two different x. */
static bool begins(const struct panel *p)
{
	const struct summary_entry *e = &p->s->entry[p->first];
	bool swept = false;

	if (!counts(p->kind, e))
		return false;
	for (size_t i = 0; i < p->first; i++)
		if (is_point(p, &p->s->entry[i]))
			return false;
	for (size_t i = p->first + 1; i < p->s->entries; i++)
		swept |= is_point(p, &p->s->entry[i]) &&
			 p->kind->x(e) != p->kind->x(&p->s->entry[i]);
	return swept;
}

/* The panels in order, at most PANELS_MAX. */
static size_t list_panels(const struct sweep *w, const struct summary *s,
			  struct panel panel[PANELS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < s->entries; i++)
		for (const struct sweep_kind *k = w->kind; k->name && count < PANELS_MAX; k++) {
			panel[count] = (struct panel){w, k, s, i};
			count += begins(&panel[count]);
		}
	return count;
}

static void panel_title(const struct panel *p, char title[TEXT_LABEL])
{
	text_workload_without(p->s, &p->s->entry[p->first],
			      p->kind->swept ? p->kind->swept : "threads", title);
}

/* Points of one layer, unsorted: gnuplot sorts them by "smooth unique", which leaves them as they
 * are. */
static size_t add_layer(struct buf *out, const struct panel *p, size_t panel, uint32_t layer)
{
	const struct sweep *w = p->sweep;
	size_t points = 0;

	buf_addf(out, "$S%zuL%" PRIu32 " << END\n", panel, layer);
	for (size_t i = p->first; i < p->s->entries; i++) {
		const struct summary_entry *e = &p->s->entry[i];
		double low, high, mid;

		if (e->layer != layer || !is_point(p, e))
			continue;
		mid = w->y(e, e->cost.mid);
		low = isnan(e->cost.low) ? mid : w->y(e, e->cost.low);
		high = isnan(e->cost.high) ? mid : w->y(e, e->cost.high);
		buf_addf(out, "%.6g %.6g %.6g %.6g\n", p->kind->x(e), mid, fmin(low, high),
			 fmax(low, high));
		points++;
	}
	buf_addstr(out, "END\n");
	return points;
}

/* Tics at powers of two, each so manyth that there are about six. */
static void add_tics(struct buf *out, const struct panel *p)
{
	const struct summary *s = p->s;
	double low = p->kind->x(&s->entry[p->first]), high = low, step;
	char text[TEXT_SHORT];
	int first_tic;

	for (size_t i = p->first; i < s->entries; i++)
		if (is_point(p, &s->entry[i])) {
			low = fmin(low, p->kind->x(&s->entry[i]));
			high = fmax(high, p->kind->x(&s->entry[i]));
		}
	step = fmax(1, ceil(log2(high / low) / 6));
	buf_addstr(out, "set xtics (");
	first_tic = (int)floor(log2(low) / step);
	for (int i = first_tic; i * step <= log2(high) + step; i++) {
		buf_addstr(out, i > first_tic ? ", " : "");
		p->sweep->show_x(pow(2, i * step), text);
		script_tic(out, text);
		buf_addf(out, " %.17g", pow(2, i * step));
	}
	buf_addstr(out, ")\n");
}

static void add_panel(struct buf *out, const struct panel *p, size_t panel)
{
	const struct summary *s = p->s;
	bool has[LAYERS_MAX] = {false};
	const char *comma = "";

	for (uint32_t k = 0; k < s->layers; k++)
		has[k] = add_layer(out, p, panel, k) > 0;
	add_tics(out, p);
	buf_addf(out, "set xlabel '%s' font ',11' offset 0,0.6\nplot", p->kind->name);
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
	struct panel panel[PANELS_MAX];
	size_t panels = list_panels(w, s, panel);
	struct panels layout;
	char title[TEXT_LABEL];

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "%s", w->nothing);
	layout = panels_layout(panels);
	*width = layout.width;
	*height = layout.height;
	script_begin(out, s, w->title, w->remark, *width, *height);
	script_key(out, s, 0, script_depth(s), KEY_MARKS, *width, *height);
	panels_begin(out);
	buf_addf(out,
		 "set grid xtics\nset logscale x 2\nset logscale y 10\n"
		 "set ytics format '%s'\nset offsets graph 0.05, graph 0.05\n",
		 w->y_format);
	for (size_t i = 0; i < panels; i++) {
		panel_title(&panel[i], title);
		panel_begin(out, &layout, i, title);
		add_panel(out, &panel[i], i);
	}
	panels_end(out);
	return buf_check(out, err);
}

static const struct summary_entry *find(const struct panel *p, double x, uint32_t layer)
{
	for (size_t i = p->first; i < p->s->entries; i++) {
		const struct summary_entry *e = &p->s->entry[i];

		if (e->layer == layer && is_point(p, e) && p->kind->x(e) == x)
			return e;
	}
	return NULL;
}

/* The smallest x of a panel that is above `after`; 0 when there is none. */
static double next_x(const struct panel *p, double after)
{
	double x = 0;

	for (size_t i = p->first; i < p->s->entries; i++) {
		const struct summary_entry *e = &p->s->entry[i];

		if (is_point(p, e) && p->kind->x(e) > after && (x == 0 || p->kind->x(e) < x))
			x = p->kind->x(e);
	}
	return x;
}

static void add_rows(const struct panel *p, struct grid *g)
{
	const struct sweep *w = p->sweep;
	char text[TEXT_SHORT], title[TEXT_LABEL];
	double x = 0;

	panel_title(p, title);
	while ((x = next_x(p, x)) > 0) {
		w->show_x(x, text);
		grid_addf(g, "%s; %s: %s", title, p->kind->name, text);
		for (uint32_t k = 0; k < p->s->layers; k++) {
			const struct summary_entry *e = find(p, x, k);

			if (e)
				w->show(e, w->y(e, e->cost.mid), text);
			grid_add(g, e ? text : "no data");
		}
	}
}

void sweep_table(const struct sweep *w, const struct summary *s, struct grid *g)
{
	struct panel panel[PANELS_MAX];
	size_t panels = list_panels(w, s, panel);

	pick_head(s, "workload", 0, g);
	for (size_t i = 0; i < panels; i++)
		add_rows(&panel[i], g);
}
