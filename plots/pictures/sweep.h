/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pictures of one thing against what a run swept: one panel for each workload (with its other
 * parameters) and each kind of sweep that it went through, one line for each layer.
 */
#ifndef NB_SWEEP_H
#define NB_SWEEP_H

#include "plots/plot.h"
#include "results/table/text.h"

/* One parameter that was swept while all others stayed. */
struct sweep_kind {
	const char *name;  /* of the x axis */
	const char *swept; /* the parameter that does not tell panels apart; NULL: threads */
	bool (*belongs)(const struct summary_entry *e);
	double (*x)(const struct summary_entry *e); /* above 0 */
};

struct sweep {
	const char *remark;
	const char *nothing;	       /* why there is no picture */
	const struct sweep_kind *kind; /* up to one without a name */
	/* What is drawn at a cost (mid, low or high of an estimate, ns per operation). */
	double (*y)(const struct summary_entry *e, double cost);
	/* How the table shows it; and how it writes x. */
	void (*show)(const struct summary_entry *e, double y, char text[TEXT_SHORT]);
	void (*show_x)(double x, char text[TEXT_SHORT]);
};

/* What struct plot asks for. */
int sweep_make(const struct sweep *w, const struct summary *s, struct picture *p, struct err *err);

#endif
