/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The self-check of the instrument, from the rows of a run that measured the same work under
 * several names, and work slowed by known amounts (`nestbench selfcheck` makes such runs).
 *
 * A run is cut into tries of a fixed number of rounds. Each try compares two works of a layer as a
 * run compares two layers: median of the log ratios per round with the interval of summary.h.
 * "Different" is said when the interval excludes 1, "by more than the threshold" when the ratio is
 * also beyond SELFCHECK_THRESHOLD.
 *
 * False alarms (A/A): lanes 1 and 2, 3 and 4, … of the same work in the same layer. No two pairs
 * share a measurement. What is found here is wrong by construction; the nominal rate of a 95 %
 * interval is 5 %, and the exact rate of a sign test of few rounds is below it.
 *
 * Injection: the workload `inject` with slow=N against slow=0: how often the difference is found,
 * its size, and how often the interval of a try holds the true size.
 *
 * Rates have the interval of stats_share_interval; tries are taken as independent.
 */
#ifndef NB_SELFCHECK_H
#define NB_SELFCHECK_H

#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/rundir/params.h"
#include "results/summary/summary.h"

#define SELFCHECK_THRESHOLD 0.01 /* a smaller difference does not count in practice */
#define SELFCHECK_NOMINAL 0.05	 /* false alarms of a 95 % interval */
#define SELFCHECK_TARGET 0.9	 /* of the tries find SELFCHECK_TARGET_SLOW % … */
#define SELFCHECK_TARGET_S 60	 /* … within this many seconds each */
enum { SELFCHECK_TARGET_SLOW = 3 };

/*
 * With fewer pairs an instrument with four times the nominal rate would pass unnoticed more often
 * than one time in ten (binomial, at 2.5 % on that side); with fewer tries than these a rate of 9
 * in 10 means nothing.
 */
enum { SELFCHECK_MIN_PAIRS = 50, SELFCHECK_MIN_TRIES = 10 };

/* Facts of the manifest (member `more`) that make a run a self-check. */
#define SELFCHECK_ROUNDS "selfcheck_rounds"	/* rounds of a try */
#define SELFCHECK_ROUND_NS "selfcheck_round_ns" /* the duration of a round; may be missing */

struct selfcheck_rate {
	size_t hits, n;
	double low, high; /* 95 % interval of the rate */
};

/* A/A of one work in one layer. Texts are borrowed from the summary. */
struct selfcheck_alarms {
	const char *workload, *params;
	uint32_t threads, layer;
	struct selfcheck_rate different, beyond;
	double width;  /* half of an interval, as a share: median over the pairs; NAN */
	bool too_many; /* more than chance explains, given the number of works */
};

/* One size of the injection in one layer. */
struct selfcheck_injection {
	char kind[PARAM_TEXT];			/* of work: "cpu", … */
	uint32_t layer, slow;			/* per cent */
	struct selfcheck_rate different, found; /* found: slower, and beyond the threshold */
	struct selfcheck_rate holds;		/* tries whose interval holds the true ratio */
	struct estimate size;			/* ratio, median over tries */
	bool wrong_size; /* the intervals cover the truth less often than chance explains */
};

/* What the harness itself costs in a layer, in ns; NAN: not measured. */
struct selfcheck_floor {
	struct estimate turn;  /* of the empty loop */
	struct estimate clock; /* one reading of the clock */
	struct estimate batch; /* a batch of one empty operation */
	double exchange;       /* to start a batch and get its row, less the batch: median, */
	double exchange_p99;   /* and the 99th percentile */
};

/* From good to bad. */
enum selfcheck_verdict {
	SELFCHECK_NOT_MADE, /* the run has no rows for this check */
	SELFCHECK_MET,
	SELFCHECK_UNDECIDED,
	SELFCHECK_FAILED
};

struct selfcheck {
	struct summary summary;
	uint32_t rounds; /* of a try */
	size_t tries;	 /* complete ones */
	double attained; /* the exact rate of a sign test of that many rounds */
	double try_s;	 /* duration of a try of two works; NAN: not known */
	struct selfcheck_alarms *alarms;
	size_t works;
	struct selfcheck_rate different, beyond; /* over all works and layers */
	struct selfcheck_injection *injection;	 /* by kind, layer, size */
	size_t injections;
	struct selfcheck_floor floor[LAYERS_MAX];
	enum selfcheck_verdict alarms_verdict, found_verdict, size_verdict;
};

/* EXIT_USAGE when the directory is not the run of a self-check. */
int selfcheck_build(const char *dir, struct selfcheck *s, struct err *err);

void selfcheck_release(struct selfcheck *s);

const char *selfcheck_verdict_name(enum selfcheck_verdict v); /* "met", … */

/* The injections that the targets are about: arithmetic on the machine itself. */
bool selfcheck_is_target(const struct selfcheck_injection *inj);

/* The worst of the verdicts. */
enum selfcheck_verdict selfcheck_verdict(const struct selfcheck *s);

/* EXIT_FINE, EXIT_INCONCLUSIVE, or EXIT_REGRESSION for an instrument that failed. Checks that were
 * not made do not count. */
enum exit_code selfcheck_code(const struct selfcheck *s);

/* As text, and as JSON. */
void selfcheck_format(const struct selfcheck *s, struct buf *out);
int selfcheck_format_json(const struct selfcheck *s, struct buf *out, struct err *err);

/* hits of n with the interval of that confidence. */
struct selfcheck_rate selfcheck_rate(size_t hits, size_t n, double confidence);

#endif
