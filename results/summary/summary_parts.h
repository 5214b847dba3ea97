/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the summary: what its files share.
 */
#ifndef NB_SUMMARY_PARTS_H
#define NB_SUMMARY_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/summary/collect.h"
#include "results/summary/estimate.h"
#include "results/summary/summary.h"

/* The entries from *first on of the same workload in other layers, sorted by layer. */
struct family {
	const struct summary_entry *first;
	size_t count;
};

/* The family that starts at an entry of s. */
struct family family_at(const struct summary *s, size_t index);

/* NULL: the workload has no rows in that layer. */
const struct summary_entry *family_layer(const struct family *f, uint32_t layer);

/* The cost of one cell; 0 when there is none. */
double cell_cost(const struct summary_entry *e, uint32_t boot, uint32_t round);

/* The logarithm of the ratio of `cost` to `base`; larger is worse. */
double log_ratio(const struct summary_entry *e, double cost, double base);

/* Turns a group into an entry with its cost; takes the group's texts. */
int entry_from_group(struct summary_entry *e, struct group *g, struct estimator *est,
		     struct err *err);

/* Flags trends and two modes of an entry that has its cells and batches (results/stats/series.h).
 */
int flag_series(struct summary_entry *e, const struct group *g, uint64_t seed, struct err *err);

/* Flags the entries of workloads whose digests differ between layers. Groups and entries
 * correspond. */
void check_digests(struct summary *s, const struct collection *c);

/* Makes the tree of layers from the manifest, the facts and the entries, and fills in of what kind
 * they are. */
void arrange_layers(struct summary *s);

/* Fills in ratios and shares of all entries. */
int pair_layers(struct summary *s, struct estimator *est, struct err *err);

/* The results of a class in its layers; NAN in L0 and without data. */
struct class_figures {
	struct estimate to_l0[LAYERS_MAX], to_up[LAYERS_MAX]; /* cost ratios */
	size_t n[LAYERS_MAX];				      /* rounds */
	int side[LAYERS_MAX]; /* of the step to the layer, see estimate_side() */
};

/* Computes a class over those of its workloads that count, as make_classes() does over all. */
int class_measure(const struct summary *s, const char *class,
		  bool (*counts)(const struct summary_entry *e), struct estimator *est,
		  struct class_figures *f, struct err *err);

/* The values of one of the classes: for each round the logarithm of its cost against L0. */
int class_values(const struct summary *s, const struct summary_class *c, struct series *to_l0,
		 struct err *err);

/* Whether a workload may count for its class, see classes.c. */
bool class_counts(const struct summary *s, const struct summary_entry *e);

/* Makes the classes from the entries. */
int make_classes(struct summary *s, struct estimator *est, struct err *err);

#endif
