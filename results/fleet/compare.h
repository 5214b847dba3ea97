/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compares the nodes of a fleet: which are odd, in what, and what differs in their environment; and
 * what share of each machine is usable, as a ranking.
 *
 * A node is set against the median of the other nodes of its class of machines (class.h), of which
 * it takes FLEET_LEAST in all, in each figure that they have: of each workload in each layer the
 * cost (the median over rounds, of a capacity its size), and the tail (the 95th percentile over
 * batches), where work that is stopped now and then shows first. The interval holds the node's own
 * error, from its boots (with one boot, from blocks of its rounds), and the spread that is usual
 * from node to node; it holds for all nodes and figures together (Bonferroni), see
 * results/stats/odd.h. A node is odd in a figure when the interval excludes 1 and the difference
 * exceeds a limit. Ratios are oriented so that above 1 is always worse, for capacities too.
 *
 * Ranked is, for each class of work and layer, the usable share of L0; of L0 itself the speed
 * against the median node. The best and the worst rank that a node may have follow from intervals
 * that hold for all nodes of a ranking together.
 *
 * Directories of nodes come from other machines: what cannot be read, or does not belong to the
 * others, is named with its reason, and the rest is compared. Memory grows with the number of nodes
 * and of different figures, not with their rows.
 */
#ifndef NB_FLEET_COMPARE_H
#define NB_FLEET_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/compare/diffenv.h"
#include "results/fleet/classes.h"
#include "results/fleet/texts.h"
#include "results/stats/odd.h"
#include "results/summary/summary.h"

enum { FLEET_LEAST = ODD_LEAST };
#define FLEET_TAIL_AT 0.95    /* the quantile of a tail */
#define FLEET_SAME 0.02	      /* a smaller difference does not count */
#define FLEET_CONFIDENCE 0.95 /* of rankings and the intervals in them */
#define FLEET_SURE 0.98	      /* of the intervals of all figures: against any false alarm */

enum fleet_outcome {
	FLEET_COMPARED,
	FLEET_ALONE,	  /* read and ranked, but its class has too few nodes to compare */
	FLEET_UNMEASURED, /* as fleet.json says */
	FLEET_UNREADABLE,
	/* Another program, another mode, another run than was asked for, or the run of another
	 * node. */
	FLEET_FOREIGN,
};

struct compared_node {
	char *name, *dir;
	enum fleet_outcome outcome;
	char *reason;	  /* of those that are not compared, printable; else NULL */
	char *host;	  /* printable */
	size_t machine;	  /* index of its class; of read nodes only, and once all are */
	size_t figures;	  /* that were compared */
	size_t odd;	  /* of them, those in which it is odd */
	size_t skipped;	  /* workloads in layers without a figure */
	uint64_t damaged; /* lines of its files that were left out */
	bool emulated;	  /* the CPU of some layer is */
	/* Inside: */
	struct node_fact {
		uint32_t key, value; /* numbers in comparison.keys and values */
	} * fact;
	size_t facts;
	uint32_t program, mode;	  /* in values */
	uint64_t rows, rows_hash; /* of its run */
	struct fleet_class class;
	char *expected; /* id of its run, as fleet.json has it; NULL */
};

/* A class of machines. */
struct compared_machine {
	struct fleet_class class;
	char letter[FLEET_LETTER];
	size_t nodes;
};

/* A workload with its parameters in a layer. */
struct compared_work {
	char *workload, *class, *params, *layer;
	uint32_t threads, layer_number; /* the latter of the run that had it first */
	const char *unit;
	bool is_size; /* more is better */
};

enum fleet_kind { FLEET_COST, FLEET_TAIL };

const char *fleet_kind_name(enum fleet_kind kind); /* "cost", "tail" */

/* A node in one figure. */
struct compared_figure {
	size_t node, work; /* indices */
	enum fleet_kind kind;
	double level; /* in the unit of the work */
	double usual; /* the median of the others, likewise; NAN: not compared */
	struct odd_value value;
	struct estimate ratio; /* to it, with the interval that holds for all together; NANs */
	double p;	       /* corrected for all; 1: not known */
	bool odd;
	/* Inside: */
	double freedom, units; /* of its own error; units: boots or blocks */
};

/* A node in one ranking. */
struct ranked_node {
	size_t node;
	struct estimate share;	      /* with its own 95 % interval; NANs in it: not known */
	size_t rank, best, worst;     /* from 1 */
	double value, error, freedom; /* logarithm of 1/share; of its own error, NAN */
};

struct ranking {
	char *class, *layer;
	uint32_t layer_number;
	bool is_speed;		  /* of L0: not a share, but the speed against the median node */
	struct ranked_node *node; /* best first */
	size_t nodes;
};

/* What an odd node says otherwise than most of its class. */
struct node_difference {
	size_t node;
	enum env_weight weight;
	const char *place;		  /* "run", "L0", … */
	const char *key, *value, *common; /* "": not said */
	size_t nodes;			  /* of its class, that say the common value */
	const char *why;
};

struct fleet_comparison {
	char *dir;
	double same;
	struct compared_node *node; /* in the order of fleet_order() (state.h) */
	size_t nodes;
	struct compared_machine *machine; /* by their letters; each has a node that was read */
	size_t machines;
	struct compared_work *work;
	size_t works;
	struct compared_figure *figure; /* by work, kind, node */
	size_t figures;
	size_t compared;	 /* of them, those with an interval: the size of the family */
	struct ranking *ranking; /* by class, then layer */
	size_t rankings;
	struct node_difference *difference; /* by node, weight, place, key */
	size_t differences;
	struct fleet_texts keys, values; /* of the environments */
	struct fleet_classes classes;	 /* of all nodes that say one; inside */
};

struct fleet_compare_options {
	double same;
	const char *const *workloads; /* globs; NULL-terminated; NULL or empty: all */
};

/*
 * Reads and compares the fleet in dir: its fleet.json, or, without one, the run directories in it.
 * EXIT_USAGE when there is none; EXIT_INCONCLUSIVE when no node has a figure.
 */
int fleet_compare(const char *dir, const struct fleet_compare_options *options,
		  struct fleet_comparison *c, struct err *err);

/* The number of nodes with an outcome; and of those that are odd. */
size_t fleet_count(const struct fleet_comparison *c, enum fleet_outcome outcome);
size_t fleet_count_odd(const struct fleet_comparison *c);

/* EXIT_MACHINE, with the first of them, when a node was not measured or could not be read. */
int fleet_check_nodes(const struct fleet_comparison *c, struct err *err);

const char *fleet_outcome_name(enum fleet_outcome outcome);

/* That of the class of a node that was read. */
const char *fleet_node_letter(const struct fleet_comparison *c, size_t node);

/* "mem.chase size=4MiB threads=2" */
void fleet_work_label(const struct compared_work *w, struct buf *out);

/* Lines of at most 100 columns; with `all`, every figure of odd nodes and every rank. */
void fleet_compare_text(const struct fleet_comparison *c, bool all, struct buf *out);
void fleet_compare_csv(const struct fleet_comparison *c, struct buf *out);
/* Prometheus text format, every metric with a label node; for node_exporter's textfile collector.
 */
void fleet_compare_prometheus(const struct fleet_comparison *c, struct buf *out);
int fleet_compare_json(const struct fleet_comparison *c, struct buf *out, struct err *err);

void fleet_comparison_release(struct fleet_comparison *c);

#endif
