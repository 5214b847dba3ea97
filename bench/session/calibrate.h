/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many operations make a batch: the same count in every layer, so that every layer does the
 * same work. Every layer is asked how many take batch_ns there; the slowest decides. When that
 * makes a batch of the fastest layer short against its clock (less than SHORT_READINGS times
 * resolution and cost), the count is raised, at most RAISE_LIMIT times.
 *
 * A kernel that does not end in time in one layer is asked for in the others all the same, with
 * shorter limits; a user's program is not: where one run takes that long, a batch is one run. Such
 * a layer is tried again once a boot.
 */
#ifndef NB_CALIBRATE_H
#define NB_CALIBRATE_H

#include <stdbool.h>

#include "bench/link/link.h"
#include "bench/plan/profile.h"
#include "results/rundir/rows.h"

struct calibration {
	uint64_t ops;				 /* per batch; at least 1 */
	bool once;				 /* a batch is one operation by nature */
	double ns_per_op[LAYERS_MAX];		 /* 0: not known */
	uint64_t setup_ns[LAYERS_MAX];		 /* likewise */
	char skipped[LAYERS_MAX][SAMPLE_REASON]; /* why a layer cannot; "": it can */
	char hung[LAYERS_MAX][SAMPLE_REASON];	 /* it did not end there, while what; "" */
	bool of_user;				 /* see timeouts_hint */
};

enum { SHORT_READINGS = 100, RAISE_LIMIT = 10 };

struct calibration_config {
	const struct work_list *works;
	uint32_t layers; /* the first so many are asked, of those that can be reached */
	uint64_t batch_ns;
	uint64_t seed;
};

/* One for each work, of 1 operation so far; calibration_free takes NULL. */
struct calibration *calibration_new(const struct work_list *works, struct err *err);
void calibration_free(struct calibration *c);

/*
 * Finds the counts of those that are measured in every round. A layer that cannot tell is left out,
 * and one that is lost meanwhile is as if it had never been asked: the counts are those of the
 * layers that are left. Nothing of an earlier calibration is used. -1 when interrupted.
 */
int calibrate(const struct calibration_config *config, struct link *link, struct calibration *out,
	      struct err *err);

/* The count from what the layers said: ns_per_op of those that did, the clock's cost on the
 * fastest. */
uint64_t calibration_ops(const double *ns_per_op, uint32_t layers, uint64_t batch_ns,
			 struct clock_quality clock);

/* How long a setup or a batch may take before its kernel is thought to hang. */
uint64_t calibration_setup_limit_ns(const struct calibration *c, const struct timeouts *t,
				    uint32_t layer);
uint64_t calibration_batch_limit_ns(const struct calibration *c, const struct timeouts *t,
				    uint32_t layer);

#endif
