/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Usable share for each class and layer. */
#include "plots/plot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES_MAX = 32 };

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

static void add_figures(struct picture *p, const struct summary_class *c)
{
	char text[TEXT_SHORT], figures[TEXT_LABEL];
	bool drawn = c && !isnan(c->share.mid);
	/* The size of the layers is what was asked for, unless the mode makes it a result. */
	bool asked = drawn && strcmp(c->class, "capacity") == 0 && c->verdict == VERDICT_NOT_JUDGED;

	grid_add(&p->table, c ? text_share(&c->share, text) : "no data");
	if (asked)
		snprintf(figures, sizeof(figures), "%s %% (as asked for)",
			 text_percent(c->share.mid, text));
	else
		snprintf(figures, sizeof(figures), "%s",
			 drawn ? text_share(&c->share, text) : "no data");
	picture_estimate(p, drawn ? &c->share : NULL, 100);
	picture_text(p, figures);
}

static int make(const struct summary *s, struct picture *p, struct err *err)
{
	const char *class[CLASSES_MAX];
	size_t count = list_classes(s, class);
	bool any = false;

	for (size_t i = 0; i < s->classes; i++)
		any |= summary_is_shown(&s->class[i]);
	if (!any)
		return err_set(err, EXIT_INCONCLUSIVE,
			       "no class of workloads was measured both in L0 and in a VM");
	picture_notes(p, s, picture_whiskers(s));
	picture_columns(p, "row", "percent\tlow\thigh\ttext");
	grid_layers(&p->table, s, "work", 1, NULL);
	for (size_t i = 0; i < count; i++) {
		grid_add(&p->table, class[i]);
		for (uint32_t k = 1; k < s->layers; k++) {
			picture_row(p, (double)i, k, class[i]);
			add_figures(p, summary_find_class(s, class[i], k));
		}
	}
	return buf_check(&p->data, err);
}

const struct plot plot_share = {
	.name = "share",
	.title = "Usable share of the machine",
	.summary = "usable share for each kind of work and layer",
	.place = PLOT_NOT_IN_REPORT,
	.make = make,
};
