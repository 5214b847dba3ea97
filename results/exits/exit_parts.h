/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of results/exits: the nature of reasons, and the estimates.
 */
#ifndef NB_EXIT_PARTS_H
#define NB_EXIT_PARTS_H

#include "results/exits/exit_counts.h"

enum exit_nature {
	EXIT_BY_DATA,	     /* nothing is known beforehand */
	EXIT_BY_INSTRUCTION, /* the work executes what exits */
	EXIT_BY_EVENT,	     /* an interrupt, a timer, a signal; or no count of events at all */
};

/* By the names of KVM's tracepoints (VMX in upper case, SVM in lower case) and statistics. */
enum exit_nature exit_nature_of(const char *reason);

/* A hypervisor in the layer enters its VM, or executes what belongs to that. */
bool exit_is_vm_entry(const char *reason);
bool exit_is_around_vm_entry(const char *reason);

/* The place of a counter in its series; s->metrics: there is none. */
size_t exit_series_index(const struct exit_series *s, const char *reason);

/* Values of n batches: the estimate of their sums' ratio. */
struct exit_ratio {
	const struct exit_batch *batch;
	size_t n;
	const double *above, *below; /* below > 0 */
	double events;		     /* raw count, all batches */
};

/* NANs where n is 0 or the sum of `below` is not above 0. */
struct estimate exit_ratio_estimate(const struct exit_ratio *r);

/* Widens an interval by another half-width, in quadrature. */
void exit_widen(struct estimate *e, double half);

/* Fits a line to the counts of n batches, at least 1; e0 and r are never negative. */
void exit_background_fit(struct exit_background *b, const double *seconds, const double *count,
			 size_t n);

/* Half the interval of r. */
double exit_background_slope_half(const struct exit_background *b);

/*
 * Elasticity of above/below to time/below with an interval; NANs for fewer than 4 batches, times
 * that are all the same, or an estimate that is not above 0. slope_half: of what was subtracted per
 * unit of time.
 */
struct estimate exit_elasticity(const struct exit_ratio *r, const double *time, double slope_half);

/* Fills in background, estimates and classes of all series. -1 only when memory runs out. */
int exit_counts_judge(struct exit_counts *c, struct err *err);

#endif
