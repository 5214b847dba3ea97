/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two pictures of one thing against what a run swept: one panel for each workload (with its other
 * parameters) and each kind of sweep that it went through, one line for each layer.
 *
 * latency: time per operation against the size of the working set, where each layer leaves which
 * cache. concurrency: total rate against how much runs at the same time: threads of one copy,
 * copies in one VM (parameter copies=N) and sibling VMs (guests=N). Time per operation counts the
 * threads of a copy together, and each copy by itself; so the total is copies × guests ÷ time.
 */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "results/rundir/params.h"

/* One parameter that was swept while all others stayed. */
struct sweep {
	const char *name;  /* of the x axis */
	const char *swept; /* the parameter that does not tell panels apart; NULL: threads */
	bool (*belongs)(const struct summary_entry *e);
	double (*x)(const struct summary_entry *e); /* above 0 */
	bool rate;				    /* y is one: in the picture concurrency */
};

static double size_of(const struct summary_entry *e)
{
	return params_number(e->params, "size", 0);
}

static double copies(const struct summary_entry *e)
{
	return params_number(e->params, "copies", 1);
}

static double guests(const struct summary_entry *e)
{
	return params_number(e->params, "guests", 1);
}

static double threads(const struct summary_entry *e)
{
	return e->threads;
}

static bool sweeps_size(const struct summary_entry *e)
{
	return strcmp(e->class, "mem") == 0 && size_of(e) > 0;
}

/* What is swept besides guests is swept within one VM; and threads within one copy. */
static bool sweeps_guests(const struct summary_entry *e)
{
	return !summary_is_size(e) && strcmp(e->class, "control") != 0;
}

static bool sweeps_copies(const struct summary_entry *e)
{
	return sweeps_guests(e) && guests(e) == 1;
}

static bool sweeps_threads(const struct summary_entry *e)
{
	return sweeps_copies(e) && copies(e) == 1 && e->threads != THREADS_ON_EACH_CPU;
}

static const struct sweep sweeps[] = {
	{"working set", "size", sweeps_size, size_of, false},
	{"threads in one VM", NULL, sweeps_threads, threads, true},
	{"copies in one VM", "copies", sweeps_copies, copies, true},
	{"guests: VMs side by side", "guests", sweeps_guests, guests, true},
};

/* A panel: a sweep, and the first entry that belongs to it. */
struct panel {
	const struct sweep *kind;
	const struct summary *s;
	size_t first;
	size_t index;
	char title[TEXT_LABEL];
};

static bool counts(const struct sweep *k, const struct summary_entry *e)
{
	return k->belongs(e) && e->cost.mid > 0;
}

/* Whether two entries are points of the same panel. */
static bool same_panel(const struct sweep *k, const struct summary_entry *a,
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

/* The panels of a picture in order, at most PANELS_MAX. */
static size_t list_panels(const struct summary *s, bool rate, struct panel panel[PANELS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < s->entries; i++)
		for (size_t k = 0; k < sizeof(sweeps) / sizeof(sweeps[0]) && count < PANELS_MAX;
		     k++) {
			struct panel *p = &panel[count];

			*p = (struct panel){.kind = &sweeps[k], .s = s, .first = i, .index = count};
			if (sweeps[k].rate != rate || !begins(p))
				continue;
			text_workload_without(s, &s->entry[i],
					      p->kind->swept ? p->kind->swept : "threads",
					      p->title);
			count++;
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

/* What is drawn at a cost in ns per operation: seconds, or operations per second of all together.
 */
static double y_of(const struct panel *p, const struct summary_entry *e, double cost)
{
	return p->kind->rate ? copies(e) * guests(e) * 1e9 / cost : cost * 1e-9;
}

static void add_point(struct picture *p, const struct panel *panel, const struct summary_entry *e)
{
	double low = y_of(panel, e, e->cost.low), high = y_of(panel, e, e->cost.high);
	const struct estimate y = {y_of(panel, e, e->cost.mid), fmin(low, high), fmax(low, high)};

	picture_row(p, (double)panel->index, e->layer, panel->title);
	picture_text(p, panel->kind->name);
	picture_number(p, panel->kind->x(e));
	picture_estimate(p, &y, 1);
}

static void add_lines(struct picture *p, const struct panel *panel)
{
	for (uint32_t k = 0; k < panel->s->layers; k++) {
		double x = 0;

		while ((x = next_x(panel, x)) > 0) {
			const struct summary_entry *e = find(panel, x, k);

			if (e)
				add_point(p, panel, e);
		}
		picture_gap(p);
	}
}

static void add_cell(struct grid *g, const struct panel *panel, const struct summary_entry *e)
{
	char text[TEXT_SHORT];

	if (!e)
		grid_add(g, "no data");
	else if (panel->kind->rate)
		grid_addf(g, "%.3g/s", y_of(panel, e, e->cost.mid));
	else
		grid_add(g, text_cost(e, e->cost.mid, text));
}

static void add_table(struct grid *g, const struct panel *panel)
{
	char size[SIZE_TEXT];
	double x = 0;

	while ((x = next_x(panel, x)) > 0) {
		if (panel->kind->rate)
			snprintf(size, sizeof(size), "%.0f", x);
		else
			format_size_short((uint64_t)x, size);
		grid_addf(g, "%s; %s: %s", panel->title, panel->kind->name, size);
		for (uint32_t k = 0; k < panel->s->layers; k++)
			add_cell(g, panel, find(panel, x, k));
	}
}

static int make(const struct summary *s, struct picture *p, bool rate, struct err *err)
{
	struct panel panel[PANELS_MAX];
	size_t panels = list_panels(s, rate, panel);

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       rate ? "no workload was measured with different numbers of threads, "
				      "copies or guests"
				    : "each workload of memory was measured with one size only, so "
				      "there is no curve");
	picture_notes(p, s,
		      rate ? "operations per second of all together; medians with 95 % intervals"
			   : "time per operation; medians with 95 % intervals");
	picture_columns(p, "panel", "axis\tx\ty\tlow\thigh");
	grid_layers(&p->table, s, "workload", 0, NULL);
	for (size_t i = 0; i < panels; i++) {
		add_lines(p, &panel[i]);
		add_table(&p->table, &panel[i]);
	}
	return buf_check(&p->data, err);
}

static int make_latency(const struct summary *s, struct picture *p, struct err *err)
{
	return make(s, p, false, err);
}

static int make_concurrency(const struct summary *s, struct picture *p, struct err *err)
{
	return make(s, p, true, err);
}

const struct plot plot_latency = {
	.name = "latency",
	.title = "Memory against the working set",
	.summary = "time of one access to memory for each size of the working set, in each layer",
	.place = PLOT_OF_WORKLOADS,
	.make = make_latency,
};

const struct plot plot_concurrency = {
	.name = "concurrency",
	.title = "Under concurrency",
	.summary =
		"total operations per second against threads, copies and guests that run at once",
	.place = PLOT_OF_WORKLOADS,
	.make = make_concurrency,
};
