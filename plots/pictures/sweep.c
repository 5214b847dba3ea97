/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plots/pictures/sweep.h"

#include <math.h>
#include <string.h>

#include "plots/gnuplot/pick.h"
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

static void add_point(struct picture *p, const struct panel *of, size_t panel, const char *title,
		      const struct summary_entry *e)
{
	const struct sweep *w = of->sweep;
	double mid = w->y(e, e->cost.mid), low = w->y(e, e->cost.low), high = w->y(e, e->cost.high);

	picture_row(p, (double)panel, e->layer, title);
	picture_text(p, of->kind->name);
	picture_number(p, of->kind->x(e));
	picture_estimate(p, &(struct estimate){mid, fmin(low, high), fmax(low, high)}, 1);
}

static void add_lines(struct picture *p, const struct panel *of, size_t panel, const char *title)
{
	for (uint32_t k = 0; k < of->s->layers; k++) {
		for (double x = next_x(of, 0); x > 0; x = next_x(of, x)) {
			const struct summary_entry *e = find(of, x, k);

			if (e)
				add_point(p, of, panel, title, e);
		}
		picture_gap(p);
	}
}

static void add_table(struct grid *g, const struct panel *of, const char *title)
{
	const struct sweep *w = of->sweep;
	char text[TEXT_SHORT];

	for (double x = next_x(of, 0); x > 0; x = next_x(of, x)) {
		w->show_x(x, text);
		grid_addf(g, "%s; %s: %s", title, of->kind->name, text);
		for (uint32_t k = 0; k < of->s->layers; k++) {
			const struct summary_entry *e = find(of, x, k);

			if (e)
				w->show(e, w->y(e, e->cost.mid), text);
			grid_add(g, e ? text : "no data");
		}
	}
}

int sweep_make(const struct sweep *w, const struct summary *s, struct picture *p, struct err *err)
{
	struct panel panel[PANELS_MAX];
	size_t panels = list_panels(w, s, panel);
	char title[TEXT_LABEL];

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE, "%s", w->nothing);
	picture_notes(p, s, w->remark);
	picture_columns(p, "panel", "axis\tx\ty\tlow\thigh");
	pick_head(s, "workload", 0, &p->table);
	for (size_t i = 0; i < panels; i++) {
		const struct sweep_kind *kind = panel[i].kind;

		text_workload_without(s, &s->entry[panel[i].first],
				      kind->swept ? kind->swept : "threads", title);
		add_lines(p, &panel[i], i, title);
		add_table(&p->table, &panel[i], title);
	}
	return buf_check(&p->data, err);
}
