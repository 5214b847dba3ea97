/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From raw rows to answers: what one operation costs in each layer, the ratios between layers, and
 * the verdict on the claim that the usable share of the machine shrinks with every nested layer.
 *
 * Which rows count. Rows marked as warm-up are kept in the file and left out of every figure.
 * `suspect` rows were measured and are kept in, because leaving out disturbed rows removes exactly
 * the exits and the steal that are measured; they are counted and flagged. `skip`, `fail` and
 * `timeout` rows carry no timing and are counted.
 *
 * Rounds that were disturbed from outside (never judged by what was measured) and remeasured: the
 * new round counts in place of the disturbed one, see results/summary/remeasured.h. Disturbed
 * rounds that were not remeasured count and are flagged.
 *
 * Cost. A cell is one (boot, round) of one workload in one layer: the median over its batches of
 * elapsed_ns/ops, or of what was found for the class capacity (sample_cost of lib/sample.h). A cost
 * is the median over cells.
 *
 * Layers are a tree. Each but the first stands in its parent layer, and a layer whose host is not
 * part of the run has neither a ratio to L0 nor to a parent.
 *
 * Ratios are formed within a cell (paired), so that slow drift of the machine cancels: median over
 * cells of the log ratio, exponentiated. For capacities the ratio is inverted, so that 2 always
 * means "twice as bad" and the usable share is 1/ratio_l0 everywhere.
 *
 * Intervals are 95 %. One boot: by the sign test, with at least 6 rounds, and valid within that
 * boot only. Several boots: percentile interval of a hierarchical bootstrap (boots, then rounds),
 * seeded by the manifest's seed.
 */
#ifndef NB_SUMMARY_H
#define NB_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "results/rundir/column.h"
#include "results/rundir/csvfile.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"

#define SUMMARY_FILE "summary.csv"
#define SUMMARY_HEADER                                                                             \
	"workload,class,params,threads,layer,accel,boots,n,unit,median,lo95,hi95,p95,p99,ratio_"   \
	"l0,"                                                                                      \
	"ratio_l0_lo95,ratio_l0_hi95,ratio_up,ratio_up_lo95,ratio_up_hi95,share,share_lo95,"       \
	"share_hi95,flags"
#define CLASSES_FILE "classes.csv"
#define CLASSES_HEADER                                                                             \
	"class,layer,accel,workloads,n,ratio_l0,ratio_l0_lo95,ratio_l0_hi95,ratio_up,"             \
	"ratio_up_lo95,ratio_up_hi95,share,share_lo95,share_hi95,verdict"

/* What these headers name; classes.csv of several chains has one more, "step", which is the last.
 */
column_fn summary_column, classes_column;

/* What stands in the column `flags`. */
column_fn summary_flag;

enum { SUMMARY_TROUBLE = 256 };

/* NAN where there is none: mid without data, low and high without an interval. */
struct estimate {
	double mid, low, high;
};

struct summary_cell {
	uint32_t boot, round;
	double cost;	/* ns per operation, bytes, or CPUs */
	bool suspect;	/* some batch of it was */
	bool disturbed; /* the round that was measured, see bench/session/disturbance.h */
	uint32_t by;	/* the round that was measured: `round`, or the one that remeasures it */
};

enum summary_flag {
	FLAG_FEW_ROUNDS = 1 << 0, /* fewer than 6: no interval */
	FLAG_ONE_BOOT = 1 << 1,	  /* intervals are valid within one boot */
	FLAG_FEW_BOOTS = 1 << 2,  /* 2 to 4 boots: a bootstrap interval is too narrow */
	FLAG_SHORT = 1 << 3,	  /* batches were too short for the clock */
	FLAG_DIGEST = 1 << 4,	  /* layers did different work: ratios are withheld */
	FLAG_ZERO = 1 << 5,	  /* a cost of 0: below what the clock resolves */
	FLAG_EMULATED = 1 << 6,	  /* this layer's CPU or one towards L0 is emulated */
	/* Of the series, see results/stats/series.h; trends are over the rounds of a boot. */
	FLAG_WARM_UP = 1 << 7,	    /* becomes cheaper, or first batches that count cost more */
	FLAG_SLOW_DOWN = 1 << 8,    /* becomes more expensive */
	FLAG_UNSETTLED = 1 << 9,    /* no steady state */
	FLAG_BIMODAL = 1 << 10,	    /* batches have two modes, and the median is in one of them */
	FLAG_RESUMED = 1 << 11,	    /* some boot of the run was interrupted and resumed */
	FLAG_CPU_UNKNOWN = 1 << 12, /* it is not known whether it is emulated */
	FLAG_POLLED = 1 << 13,	/* how the layer is reached disturbs it, and times from outside */
	FLAG_NO_HOST = 1 << 14, /* the layer's way does not lead to L0, so it has no ratios */
};

/* Flags of a single figure, as opposed to the whole run. */
enum {
	FLAGS_OWN = FLAG_SHORT | FLAG_DIGEST | FLAG_ZERO | FLAG_WARM_UP | FLAG_SLOW_DOWN |
		    FLAG_UNSETTLED | FLAG_BIMODAL
};

/* One workload with its parameters in one layer. */
struct summary_entry {
	char *workload, *class, *params;
	uint32_t threads; /* as of rows.h */
	uint32_t layer;
	size_t boots;
	struct summary_cell *cell; /* sorted by boot, then round */
	size_t cells;
	double *batch; /* cost of every batch that counts, ascending */
	size_t batches;
	const char *unit;				 /* sample_unit_name() */
	unsigned traits;				 /* of SAMPLE_LATENCY and SAMPLE_IOPS */
	struct estimate cost, ratio_l0, ratio_up, share; /* of L0: ratio_l0 and share are 1 */
	double p95, p99;				 /* over batches */
	uint64_t failed, skipped, timed_out, suspect, outliers; /* numbers of rows */
	uint64_t disturbed; /* number of cells that were; they count */
	unsigned flags;	    /* enum summary_flag */
	char *reason;	    /* the first of a row that was not ok, printable ASCII; or NULL */
	/* The work's own note (the backend and device, where the peer is): the latest of an ok row
	 * that counts, likewise; or NULL. It comes from guests. */
	char *remark;
	/* Of single operations (p95 and p99 are over batches), in ns: the medians over batches of
	 * p50 and p99, the largest max. NAN: not recorded. */
	struct {
		double p50, p99, max;
	} latency;
};

enum verdict {
	VERDICT_NOT_JUDGED,   /* the claim is not about this class, or not in this mode */
	VERDICT_NOT_RESOLVED, /* the data do not decide */
	VERDICT_SHRINKS,
	VERDICT_STAYS,
};

const char *verdict_name(enum verdict v); /* "shrinks", "does not shrink", … */

/* A class in one layer, 1 or deeper: geometric mean over its workloads, formed within each round.
 */
struct summary_class {
	char *class;
	uint32_t layer;
	size_t workloads; /* that were usable in every layer, and so count */
	size_t left_out;  /* that were not */
	size_t n;	  /* rounds, over all boots */
	struct estimate ratio_l0, ratio_up, share;
	enum verdict step; /* from the parent layer to this one */
	/* Of a chain: on the class, the same in each of its layers. Of a tree: on the way from L0
	 * to this layer. */
	enum verdict verdict;
	bool first; /* the first entry of its class, which represents it in lists */
};

struct summary_layer {
	char accel[16];	    /* "none", the layer's value, "mixed" over boots, "unknown" */
	bool emulated;	    /* what starts it emulates its CPU */
	enum layer_cpu cpu; /* over all boots: emulated when it was in one of them */
	bool seen;	    /* it has rows */
	char hypervisor[MANIFEST_NAME];			    /* as in layers.csv; "" */
	char kind[MANIFEST_NAME], isolation[MANIFEST_NAME]; /* likewise */
	/* Instruction sets that the parent layer shows and this one does not; "" when there are
	 * none or one of the two is not known. */
	char lacks[64];
	char warning[320]; /* a known problem of such a layer; "" */
	double boot_ns;	   /* from start to first answer, median over the boots; NAN: not known */
	/* As the layer reports, and as its VM was given; NAN: not known. */
	double vcpus, memory_bytes, vm_memory_bytes;
};

/* The number of boots in which it happened, the first of them and its reason, in printable
 * ASCII. */
struct summary_event {
	size_t boots;
	uint32_t first;
	char why[200];
};

struct kinds;

struct summary {
	char *dir;		  /* as the caller named it */
	struct manifest manifest; /* empty when it cannot be read; see manifest_trouble */
	char manifest_trouble[SUMMARY_TROUBLE]; /* "" */
	struct damage damage;			/* of samples.csv and layers.csv together */
	struct layers facts;			/* all of layers.csv */
	struct summary_layer layer[LAYERS_MAX];
	struct layer_tree tree;	     /* as planned, and what else has rows; names are printable */
	uint32_t layers;	     /* tree.count */
	bool is_tree;		     /* not a chain */
	struct summary_entry *entry; /* by class, workload, parameters, threads, then layer */
	size_t entries;
	struct summary_class *class; /* by class, then layer */
	size_t classes;
	struct kinds *kinds; /* NULL: no two layers of one depth are of different kinds (kinds.h) */
	size_t boots, rounds; /* in the rows; rounds: the most in any boot */
	size_t all_rounds;    /* the most cells of any workload */
	uint64_t rows, failed, skipped, timed_out, suspect;
	uint64_t rows_hash; /* of all rows in their order: identifies the run */
	struct {
		size_t rounds; /* over all boots, that were disturbed; new ones are not counted */
		size_t remeasured; /* of them, those for which a new one counts */
		size_t again;	   /* of those new ones, the number that were disturbed too */
		char why[256];	   /* of the first: "round 3 of boot 1: others used …"; "" */
	} disturbed;
	/* See results/rundir/layers.h. */
	struct summary_event started_again, calibrated_without, restarted;
};

/*
 * Summarises a run directory, finished or not. Memory grows with the number of rows (some 60 bytes
 * each) and of different workloads. EXIT_USAGE when the directory does not exist or its rows are
 * unreadable.
 */
int summary_build(const char *dir, struct summary *s, struct err *err);

/* The same in a fraction of the time, for many runs: figures and cells without intervals, so
 * without verdicts, trends, modes and kinds. */
int summary_build_figures(const char *dir, struct summary *s, struct err *err);

/* Whether a workload has a figure in a layer. */
bool summary_has_cost(const struct summary_entry *e);

/* Whether its figure is a capacity, where more is better, and not a time. */
bool summary_is_size(const struct summary_entry *e);

/* Whether this is the first entry of a class, which represents it in lists. Controls are not
 * listed. */
bool summary_is_shown(const struct summary_class *c);

/* "L2" in a chain, "L2:xen/pv" in a tree. */
const char *summary_layer_name(const struct summary *s, uint32_t layer);

/* LAYER_NO_PARENT: none that is part of the run. */
uint32_t summary_parent(const struct summary *s, uint32_t layer);

/* The layer of another run that is the same by its way from L0: by kinds, of two chains by number.
 * LAYER_NO_PARENT: it has none. */
uint32_t summary_layer_like(const struct summary *s, uint32_t layer, const struct summary *other);

/* The deepest entry of a class on the way from L0 to a layer; NULL when there is none. */
const struct summary_class *summary_class_towards(const struct summary *s, const char *class,
						  uint32_t layer);

/* The same of the i-th entry's class; NULL too when that is not listed. */
const struct summary_class *summary_judged(const struct summary *s, size_t i, uint32_t layer);

/* Whether a way from L0 ends in this layer, since no other stands in it; and the verdict over all
 * kinds of work along it. */
bool summary_is_end(const struct summary *s, uint32_t layer);
enum verdict summary_way_verdict(const struct summary *s, uint32_t end);

/* NULL when there is none. */
const struct summary_class *summary_find_class(const struct summary *s, const char *class,
					       uint32_t layer);
const struct summary_entry *summary_find(const struct summary *s, const char *workload,
					 const char *params, uint32_t threads, uint32_t layer);

/* Loads the manifest of a run. A wrong one is left empty with the reason in trouble; -1 only for
 * errors of our own, such as no memory. */
int summary_load_manifest(const char *dir, struct manifest *m, char trouble[SUMMARY_TROUBLE],
			  struct err *err);

/*
 * EXIT_MACHINE, with the first workload and the reason, when a workload failed in a layer and has
 * no figure there; with by_name (the user named the workloads, not a profile) also when one was
 * skipped in every layer. A profile's may be skipped: not every machine has a GPU.
 */
int unmeasured_check(const struct summary *s, bool by_name, struct err *err);

/* EXIT_USAGE, with both paths, when a run is the same as one of the first `count`. */
int summary_distinct(const struct summary *first, size_t count, const struct summary *second,
		     struct err *err);

/* Writes summary.csv and classes.csv into dir, each whole or not at all. */
int summary_write(const char *dir, const struct summary *s, struct err *err);

/* The texts of the two files that summary_write writes. */
void summary_format(const struct summary *s, struct buf *out);
void classes_format(const struct summary *s, struct buf *out);

/*
 * The detection limit of an overhead: NAN when the 95 % interval of a cost ratio excludes 1 and the
 * ratio is beyond 1 ± 1 %, or when it has none; else how far above 1 the interval reaches, 0.03 for
 * "no detectable overhead (below 3 %)".
 */
double summary_undetected(const struct estimate *ratio);

/* The first layer with such a CPU; s->layers: none. All layers in an emulated one are emulated,
 * too. */
uint32_t summary_first_cpu(const struct summary *s, enum layer_cpu cpu);

/* The flags of an entry as words, separated by blanks: "one-boot emulated fail:3". */
void summary_format_flags(const struct summary_entry *e, struct buf *out);

void summary_release(struct summary *s);

#endif
