/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the exits.csv of a run says: how many exits one operation costs in each layer, by reason,
 * and which reasons belong to the operations at all.
 *
 * Background. The empty batch (EXITS_EMPTY with 1 operation) holds what the messages around a batch
 * and the counting cost; the same workload with many operations holds, beyond that, what happens by
 * itself while a CPU of the layer is busy. A straight line through all of these batches, count over
 * duration, gives e0 a batch and r a second. The excess of a batch is its count - e0 - r × its
 * interval. Where such batches are missing, e0 and r are 0.
 *
 * Estimates are sums of the excess over sums of operations (or of seconds, there without the r).
 * Their 95 % intervals come from the counts themselves: the deviations of batches, of rounds and of
 * boots from the estimate, each as Student's t of the ratio estimator (Cochran, "Sampling
 * Techniques", 3rd ed., 6.4), whichever is the widest; a level counts from 3 units on. Counts
 * without any spread still do not have an interval without width: what was never seen in n batches
 * may happen up to 3.69/n times in one (Garwood, Biometrika 28 (1936), 97.5 % one-sided), and the
 * count of a single batch is taken as that of a Poisson process, which is the most that a count of
 * independent events spreads. That of the background is added in quadrature.
 *
 * Classes. At a fixed number of operations, a count that follows the operations does not change
 * when a batch happens to take longer, and one that follows time grows by as much. So the count per
 * operation is regressed on the time per operation: the elasticity is 0 of the one and 1 of the
 * other. Its interval must lie on one side of 1/2 to decide. The nature of a reason comes first:
 * interrupts and timers are never proportional, whatever the data say; an instruction that exits
 * (CPUID, a hypercall) happens because the work executes it, so an excess above 0 is enough unless
 * it follows time. All others (HLT, MSR, a counter that is not known) are decided by the data
 * alone; and only what also happens by itself is ever said to follow time, since exits take time,
 * too.
 */
#ifndef NB_EXIT_COUNTS_H
#define NB_EXIT_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/rundir/csvfile.h"
#include "results/rundir/exits.h"
#include "results/summary/summary.h"

enum exit_class {
	EXIT_NOT_RESOLVED, /* the data do not tell, or there is no excess */
	EXIT_PROPORTIONAL, /* scales with operations: a metric that can be gated */
	EXIT_PER_SECOND,   /* scales with time: only ever shown per second */
};

const char *exit_class_name(enum exit_class c); /* "not resolved", "proportional", "per second" */

/* What lies between two readings: one batch, or several (exits.h). */
struct exit_batch {
	uint32_t boot, round;
	uint64_t batch, batches, ops, interval_ns;
};

/* What a batch holds without any work: a line over its duration, fitted to all such batches. */
struct exit_background {
	double each, per_second; /* e0 and r; 0 where not known */
	/* Of the fit: batches; their mean duration and its squares; the t-value times the standard
	 * deviation around the line. */
	double n, mean_s, squares_s, spread;
};

/* Half the interval of what is taken off one batch of that length. */
double exit_background_half(const struct exit_background *b, double seconds);

/* One counter of a series. */
struct exit_metric {
	char reason[EXITS_REASON];
	bool is_sum; /* the sum of all exits: contains reasons of every class, so never a gate */
	uint64_t *count; /* of each batch of the series, in its order */
	size_t counts;
	uint64_t total;
	struct exit_background background;
	struct estimate per_op, per_second;
	/* Elasticity of the count to time, with its interval; NAN: too few batches. */
	struct estimate elasticity;
	enum exit_class class;
	const char *why; /* the class: a sentence without its full stop */
};

/* The readings of one workload that one source counted. */
struct exit_series {
	char *workload, *params;
	uint32_t threads;
	uint32_t measured, layer, counted_in; /* as in exits.csv */
	char source[EXITS_SOURCE];
	bool is_empty; /* the empty batch */
	struct exit_batch *batch;
	size_t batches;
	struct exit_metric *metric; /* as they first came; the sum first, where there is one */
	size_t metrics;
};

/* What was not counted, or went wrong; the same is kept once. */
struct exit_remark {
	uint32_t boot, layer, counted_in; /* boot: the first */
	char source[EXITS_SOURCE];
	char text[EXITS_REMARK];
	uint64_t rows;
};

/* Zeroed: nothing was counted. */
struct exit_counts {
	struct exit_series *series; /* as they first came */
	size_t count;
	struct exit_remark *remark;
	size_t remarks;
	struct damage damage; /* of exits.csv */
};

/* Why counts of this name are never a property of operations, whatever the data say; NULL: the data
 * decide. */
const char *exit_reason_refusal(const char *reason);

/* What may be gated and shown per operation is a proportional metric that is no sum, of a series
 * that is not background. */
bool exit_metric_is_gated(const struct exit_series *s, const struct exit_metric *m);

/* Whether a series is of the workload that only tells the background. */
bool exit_series_is_background(const struct exit_series *s);

/*
 * Reads dir/exits.csv, if there is one, and judges every counter. `run` as in exits_read. Memory
 * grows by 8 bytes a counter and batch. What holds behind a batch (source kvm_state) is no count
 * and left out. *c is zeroed before.
 */
int exit_counts_load(const char *dir, const char *run, struct exit_counts *c, struct err *err);
void exit_counts_release(struct exit_counts *c);

/* What a counter has in s->batch[i] beyond its background. */
double exit_excess(const struct exit_series *s, const struct exit_metric *m, size_t i);

/* NULL: not counted. The series of the same workload, parameters and threads may be of several
 * runs; source NULL: the first. */
const struct exit_series *exit_counts_find(const struct exit_counts *c, const char *workload,
					   const char *params, uint32_t threads, uint32_t measured,
					   uint32_t layer, const char *source);
const struct exit_metric *exit_series_find(const struct exit_series *s, const char *reason);

#endif
