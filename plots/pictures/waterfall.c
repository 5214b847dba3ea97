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
	const struct summary_class *c = summary_find_class(s, resources[resource].class, 1);
	struct fall f = {.depth = 0};

	if (!c)
		return f;
	snprintf(f.name, sizeof(f.name), "%s  (%s: %zu workload%s)", resources[resource].name,
		 c->class, c->workloads, c->workloads == 1 ? "" : "s");
	for (uint32_t k = 1; c && k < s->layers && add_share(&f, c->share.mid); k++)
		c = summary_find_class(s, c->class, k + 1);
	return f;
}

static struct fall fall_of_capacity(const struct summary *s, const struct family *work)
{
	static const char prefix[] = "capacity.";
	struct fall f = {.depth = 0};
	char name[TEXT_LABEL];

	text_workload(s, work->first, name);
	snprintf(f.name, sizeof(f.name), "size: %.100s",
		 strncmp(name, prefix, strlen(prefix)) == 0 ? name + strlen(prefix) : name);
	for (uint32_t k = 1; k < s->layers; k++) {
		const struct summary_entry *e = family_layer(work, k);

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
	for (size_t i = 0; sized && i < s->entries && count < PANELS_MAX;) {
		struct family work = family_at(s, i);

		i += work.count;
		if (!summary_is_size(work.first))
			continue;
		fall[count] = fall_of_capacity(s, &work);
		count += differs(&fall[count]);
	}
	return count;
}

/* What a layer took, "−92.3"; "+4" where it has more than the one above. */
static void add_tax(struct picture *p, double before, double after)
{
	char text[TEXT_SHORT], tax[TEXT_LABEL];

	snprintf(tax, sizeof(tax), "%s%s", after > before ? "+" : "−",
		 text_percent(fabs(before - after) / 100, text));
	picture_text(p, tax);
}

static void add_data(struct picture *p, const struct fall *f, size_t panel)
{
	char text[TEXT_SHORT];

	for (uint32_t k = 0; k <= f->depth; k++) {
		picture_row(p, (double)panel, k, f->name);
		picture_number(p, k ? f->percent[k - 1] : NAN);
		picture_number(p, f->percent[k]);
		picture_text(p, text_percent(f->percent[k] / 100, text));
		if (k)
			add_tax(p, f->percent[k - 1], f->percent[k]);
		else
			picture_text(p, "-");
	}
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

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	struct fall fall[PANELS_MAX];
	size_t panels = list_falls(s, fall);

	if (panels == 0)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of work that stands for a resource was measured both in "
			       "L0 and in a VM");
	picture_notes(p, s, "% of L0; hatched: the tax of a layer");
	picture_columns(p, "panel", "before\tpercent\ttext\ttax");
	grid_begin(&p->table, 2 * s->layers - 1);
	grid_add(&p->table, "resource (class that stands for it)");
	for (uint32_t k = 1; k < s->layers; k++) {
		grid_addf(&p->table, "taken by L%" PRIu32, k);
		grid_addf(&p->table, "left in L%" PRIu32, k);
	}
	for (size_t i = 0; i < panels; i++) {
		add_data(p, &fall[i], i);
		add_row(s, &fall[i], &p->table);
	}
	return buf_check(&p->data, err);
}

const struct plot plot_waterfall = {
	.name = "waterfall",
	.title = "Where the machine goes",
	.summary = "what each layer takes of each resource and what it leaves; in brackets the "
		   "kind of work that stands for the resource (exits and applications use several, "
		   "and have no panel)",
	.place = PLOT_OF_CLASSES,
	.make = make,
};
