/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of layers side by side: what the same work costs in layers of one depth, paired within
 * rounds, and which of them suits a use.
 *
 * A group is the layers of one depth, below L0, that have rows and are of two kinds or more (the
 * facts kind and isolation of layers.csv). Each pair of a group is compared for each workload that
 * both have, and for each class over the workloads that all layers of the group have which have any
 * of that class: the mean of the log ratios of a round, as in summary.h.
 *
 * A use (a database, …) stands on workloads of its own, compared in the same way. A layer suits it
 * best when it costs less than each other layer of the group by more than 1 %; all comparisons of
 * all uses and groups, in both directions, hold together at 95 % (Bonferroni). Else it is not
 * resolved.
 */
#ifndef NB_KINDS_H
#define NB_KINDS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/summary/summary.h"

struct kinds_group {
	uint32_t depth;
	uint64_t layers; /* as bits */
};

/* The cost in `layer` over that in `over`. */
struct kinds_pair {
	const char *class;		  /* borrowed, as is work */
	const struct summary_entry *work; /* some entry of the workload; NULL: the class */
	uint32_t layer, over;
	size_t workloads, n; /* n: rounds */
	struct estimate ratio;
};

enum kinds_use { KINDS_DATABASE, KINDS_WEB, KINDS_GPU, KINDS_USES };

const char *kinds_use_name(enum kinds_use u); /* "a database", "a web service", "GPU work" */

struct kinds_candidate {
	uint32_t layer;
	struct estimate ratio_l0;
};

/* Which layer of a group suits a use. */
struct kinds_answer {
	enum kinds_use use;
	uint32_t depth;
	struct kinds_candidate candidate[LAYERS_MAX]; /* the cheapest first */
	size_t candidates;			      /* fewer than 2: nothing was compared */
	size_t workloads;
	char names[160]; /* of the workloads, "app.http, app.sqlite" */
	uint32_t best;	 /* LAYER_NO_PARENT: not resolved */
	size_t rounds;	 /* that were compared */
	size_t needed;	 /* within one boot, fewer cannot resolve it; 0 with several boots */
};

struct kinds {
	struct kinds_group *group; /* by depth */
	size_t groups;
	struct kinds_pair *pair; /* by group, class, workload (the class first), then layers */
	size_t pairs;
	struct kinds_answer *answer; /* by group, then use; those with something to compare */
	size_t answers;
};

/* Compares the kinds of a run; *k stays NULL where there is nothing to compare. */
struct estimator;
int kinds_make(const struct summary *s, struct estimator *est, struct kinds **k, struct err *err);
void kinds_free(struct kinds *k);

/* "kvm, full virtualization": the kind of a layer, and its isolation where that is known. */
enum { KINDS_TEXT = 2 * MANIFEST_NAME + 4 };
const char *kinds_text(const struct summary *s, uint32_t layer, char text[KINDS_TEXT]);

/* Whether there is a pair of a group; work as below. */
bool kinds_has(const struct kinds *k, const char *class, const struct summary_entry *work,
	       const struct kinds_group *g);

/* NULL: there is none. work: some entry of the workload, or NULL for the class. */
const struct kinds_pair *kinds_find(const struct kinds *k, const char *class,
				    const struct summary_entry *work, uint32_t layer,
				    uint32_t over);

#endif
