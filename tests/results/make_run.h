/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes a synthetic run directory with known answers: thirteen workloads whose costs in each layer
 * are given by a table, a drift of the machine that is common to all layers of a round (paired
 * ratios must not see it), and reproducible noise.
 */
#ifndef NB_TEST_MAKE_RUN_H
#define NB_TEST_MAKE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"

#define MADE_ID "20260131-120000-lab"

struct made_workload {
	const char *name, *params;
	double cost_ns;		   /* in L0; of the capacity, bytes */
	double factor[LAYERS_MAX]; /* cost against L0; layers without one get the last one again */
};

extern const struct made_workload made_workloads[]; /* ends with a NULL name */

/* A layer of a tree. Its work costs `times` what it costs in layer `like` of the table. */
struct made_layer {
	uint32_t parent;
	const char *path, *kind, *isolation; /* NULL: not said */
	uint32_t like;
	double times;
};

struct made_run {
	uint32_t depth, boots, rounds, batches; /* batches: one more is made, to warm up */
	double noise;				/* relative size, 0.01 is 1 % */
	const char *accel[LAYERS_MAX];		/* NULL: that layer says nothing */
	bool host_is_vm;
	const char
		*below_l0; /* the hypervisor that L0 names; "": none is named; NULL: KVM or none */
	enum run_state state;
	const char *mode;		       /* NULL: "shape" */
	const char *name;		       /* its id; NULL: MADE_ID */
	const struct made_layer *tree;	       /* depth + 1 of them; NULL: a chain */
	const struct made_workload *workloads; /* ends with a NULL name; NULL: made_workloads */
	/* Changes a row, or drops it by returning false. NULL: all rows as they are. */
	bool (*edit)(struct row *row);
};

extern const struct made_run
	MADE_RUN; /* 3 layers, 1 boot, 6 rounds, 4 batches, 0.5 % noise, emulated */

/* L0 with kvm, a container, one in the VM, and Xen with PV and PVH; workloads for it, with those of
 * class app. */
enum { MADE_TREE = 7 };
extern const struct made_layer made_tree[MADE_TREE];
extern const struct made_workload made_tree_workloads[];

/* The made run of that tree, of several boots. */
struct made_run made_tree_run(void);

/* Cost of a workload in a layer without drift and noise. */
double made_cost(const struct made_workload *w, uint32_t layer);

/* Makes samples.csv, layers.csv and manifest.json in dir. */
int make_run(const char *dir, const struct made_run *run, struct err *err);

#endif
