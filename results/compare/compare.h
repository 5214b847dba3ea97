/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Compares two runs, or two sets of runs: regressions and improvements, by layer, with their
 * confidence.
 *
 * Two things are compared for each workload. The cost of a layer: one operation there, new against
 * base. And the overhead factor between two layers, which is formed within a round and so does not
 * see whether the whole machine was slower that day: an overhead that grew and a host that got
 * slower are different findings.
 *
 * Layers of two trees, or of a tree and a chain, are the same by their way from L0 (kvm/container),
 * those of two chains by their number.
 *
 * Every value is a logarithm; each boot of each run gives one, the median over its rounds. Method,
 * and what is done with few boots: twosample.h. Ratios are oriented so that above 1 is always
 * worse, for capacities too. p-values are corrected by Holm over all comparisons; "same" is said
 * when the interval that holds jointly over all (Bonferroni) lies within the limit.
 *
 * Exits per operation, where both sides counted them (results/exits/), are compared beside that, in
 * a family of their own, so that they change no verdict on times. Compared is every reason that is
 * proportional to the operations on one of the sides; what follows time is refused, by name. The
 * background is taken off each batch. Counts that the program determines (rates.h: exact) are
 * compared batch by batch, and one boot is enough; they changed when p is small and the change
 * exceeds COMPARE_EXITS_SAME. Others are compared by boots; with one boot, by batches, and then
 * only a change beyond COMPARE_EXITS_COARSE is one, because boots of the same version differ.
 */
#ifndef NB_COMPARE_H
#define NB_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/compare/diffenv.h"
#include "results/exits/exit_counts.h"
#include "results/stats/twosample.h"
#include "results/summary/summary.h"

enum change { CHANGE_WORSE, CHANGE_NOT_RESOLVED, CHANGE_BETTER, CHANGE_SAME };

struct compare_options {
	double same;		      /* a smaller change does not count */
	const char *const *workloads; /* globs of names; NULL-terminated; NULL or empty: all */
};

#define COMPARE_SAME 0.02
#define COMPARE_EXITS_SAME 0.005
/* Against a false alarm in any; stricter than of times, as counts decide so clearly. */
#define COMPARE_EXITS_LEVEL 0.01
#define COMPARE_EXITS_COARSE 1.0 /* to twice as many, or half */
#define COMPARE_CONFIDENCE 0.95	 /* of the intervals, and against a false alarm */

struct compare_item {
	const char *workload, *class, *params; /* borrowed from the summaries */
	uint32_t threads;
	const struct summary *run; /* whose numbers of layers these are; borrowed */
	uint32_t layer;
	uint32_t over; /* the factor layer/over; equal to layer: the cost in this layer */
	const char *layer_name, *over_name; /* borrowed; NULL: as in a chain, "L2" */
	const char *unit; /* "ns/op", "bytes", of factors "ratio", of exits "exits/op" */
	/* Exits per operation: of `layer`, counted by its parent layer, while `measured` worked. */
	const char *reason, *source; /* borrowed; NULL: no exits */
	uint32_t measured;
	const char *measured_name; /* as layer_name */
	bool exact;		   /* see rates.h */
	double base, new;	   /* geometric mean over boots; of exits, over all operations */
	size_t base_boots, new_boots, base_rounds, new_rounds;
	struct estimate ratio;	/* new/base, above 1 is worse */
	struct estimate joint;	/* the same with the interval that holds for all items together */
	struct two_sample test; /* of the logarithms: the basis of the two above */
	double p;		/* corrected for the number of comparisons; 1: not known */
	bool one_boot;		/* one boot on each side: holds within these two only. Of exits,
				   that are not exact: on one of them */
	enum change change;
};

/* A cost for which only one side has figures. */
struct compare_missing {
	struct compare_item item; /* only its names */
	bool in_base;		  /* BASE has it, NEW does not; else the other way round */
	bool failed;		  /* the side without it failed or timed out */
	const char *reason;	  /* why, borrowed; NULL when nothing is known */
};

/* Counts that follow time. */
struct compare_refused {
	struct compare_item item; /* only its names */
	double per_second;	  /* in the run that has most of it */
	const char *why;
};

struct compare_side {
	struct summary *run;
	struct exit_counts *exits; /* of each run */
	size_t runs;
	size_t counted;		      /* runs in which exits were counted */
	char uncounted[EXITS_REMARK]; /* why the counts of one cannot be read; "" */
};

struct comparison {
	struct compare_side base, new;
	struct compare_options options;
	struct compare_item *item; /* worst first; see compare_order */
	size_t items;
	struct compare_missing *missing;
	size_t missings;
	struct compare_item *exit; /* exits per operation, as item */
	size_t exits;
	struct compare_refused *refused;
	size_t refuseds;
	struct env_differences env; /* of the first run of each side */
};

/*
 * Reads and compares. base and new are NULL-terminated lists of run directories, at least one each.
 * Unless force, differences that refuse (diffenv.h), also between runs of one side, are an error
 * with EXIT_USAGE. There are no items when the sides share nothing.
 */
int compare_runs(const char *const *base, const char *const *new,
		 const struct compare_options *options, bool force, struct comparison *c,
		 struct err *err);

const char *change_name(enum change c); /* "worse", "not resolved", "better", "same" */

/* "mem.chase size=4MiB threads=2"; parameters and threads only where they are not empty or 1. */
void compare_label(const struct compare_item *item, struct buf *out);

/* EXIT_USAGE when a run is named twice, whatever its path: on one side it would count as two, on
 * both it would be compared with itself. */
int compare_distinct(const struct comparison *c, struct err *err);

/* The number of missing costs that BASE has, or that NEW has. */
size_t compare_count_missing(const struct comparison *c, bool in_base);

/* "L1 cost", "L2/L1"; in a tree "L2:xen/pv over L1:xen". Of exits
 * "L2 cpuid exits", "L1 vmrun exits (work in L2)", and where another source than the tracepoint of
 * exits counted: "L2 io_exits exits by kvm_stats". */
enum { COMPARE_WHAT = 2 * LAYER_NAME + EXITS_REASON + EXITS_SOURCE + 32 };
const char *compare_what(const struct compare_item *item, char text[COMPARE_WHAT]);

/* The names of its layer, of that which it is set against, and of that in which the work was. */
const char *compare_layer(const struct compare_item *item, char text[COMPARE_WHAT]);
const char *compare_over(const struct compare_item *item, char text[COMPARE_WHAT]);
const char *compare_measured(const struct compare_item *item, char text[COMPARE_WHAT]);

/* "+101 % [+93, +110]": how much worse. */
enum { COMPARE_TEXT = 64 };
const char *compare_change(const struct compare_item *item, char text[COMPARE_TEXT]);

/* A figure of one side with its unit: "1.23 us", "×3.41". */
const char *compare_level(const struct compare_item *item, double x, char text[COMPARE_TEXT]);

/* "<0.0001", "0.0312", "-". */
const char *compare_p(const struct compare_item *item, char text[COMPARE_TEXT]);

/* Output formats. Terminal: lines of at most 100 columns. CSV and JSON hold every item. */
void compare_format(const struct comparison *c, bool all, struct buf *out);
void compare_format_markdown(const struct comparison *c, bool all, struct buf *out);
void compare_format_csv(const struct comparison *c, struct buf *out);
int compare_format_json(const struct comparison *c, struct buf *out, struct err *err);

void comparison_release(struct comparison *c);

#endif
