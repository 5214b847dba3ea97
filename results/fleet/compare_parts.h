/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the comparison of a fleet: what its files share.
 */
#ifndef NB_FLEET_COMPARE_PARTS_H
#define NB_FLEET_COMPARE_PARTS_H

#include <jansson.h>

#include "results/fleet/compare.h"
#include "results/stats/quantile_error.h"
#include "results/table/text.h"

/*
 * What a node may bring: beyond that its directory is refused. A quick run has 300 KB of rows, a
 * full one 5 MB; 64 MiB of rows take about as much memory, for as long as they are read.
 */
enum { FLEET_FACTS_MAX = 4096 };
enum { FLEET_WORKS_MAX = 8192, FLEET_VALUE_MAX = 256 };

/* While nodes are read, one after the other. */
struct fleet_reader {
	struct fleet_comparison *c;
	const struct fleet_compare_options *options;
	struct fleet_texts works; /* "workload params threads layer" */
	struct quantile_weights weights;
};

/* Fills in the nodes of c->dir, with their outcome where they are not to be read. */
int fleet_list_nodes(struct fleet_comparison *c, struct err *err);

/* Sets outcome and reason, made printable; -1 when memory runs out. */
int fleet_leave_out(struct compared_node *node, enum fleet_outcome outcome, struct err *err,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Reads a node and adds its figures; one that cannot be read gets an outcome. */
int fleet_read_node(struct fleet_reader *r, size_t index, struct err *err);

/* The variance of the median of values, in *units boots, or, of one boot, blocks of its
 * rounds; a NAN variance where it cannot be known. */
struct series;
int fleet_own_error(const struct series *s, double *variance, double *units, struct err *err);

/* Whether a node has been read and is of the fleet. */
bool fleet_is_read(const struct compared_node *node);

int fleet_add_rank(struct fleet_comparison *c, const char *class, const char *layer,
		   uint32_t number, const struct ranked_node *node, struct err *err);

/* Compares the figures, which are sorted. */
int fleet_find_odd(struct fleet_comparison *c, struct err *err);

/* Makes the rankings from what the nodes have brought. */
int fleet_rank(struct fleet_comparison *c, struct err *err);

/* Keeps what a run says of its environment; and says what odd nodes have that others lack. */
int fleet_keep_environment(struct fleet_comparison *c, struct compared_node *node,
			   const struct summary *s, struct err *err);
int fleet_find_differences(struct fleet_comparison *c, struct err *err);

#endif
