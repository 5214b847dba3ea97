/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gate: does a comparison block a change? For a pipeline: an exit code, and a line for each
 * finding.
 *
 * A regression is a change for the worse whose p, corrected for all comparisons, is small, and
 * which exceeds the threshold that the rules set for that workload. With one boot on each side the
 * spread between boots of the same version is not known, so a finding is suspicious, never a
 * regression. Blind: the interval does not exclude a change beyond the threshold.
 */
#ifndef NB_GATE_H
#define NB_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/compare/compare.h"

enum gate_state {
	GATE_REGRESSION,
	GATE_ALLOWED,	 /* a regression, but of a workload that may regress */
	GATE_MISSING,	 /* BASE has it, NEW does not */
	GATE_SUSPICIOUS, /* worse beyond the threshold, but not significantly */
	GATE_BLIND,	 /* cannot tell */
	GATE_PASS,
	GATE_STATES,
};

enum gate_check { GATE_CHECK_ALL, GATE_CHECK_COST, GATE_CHECK_OVERHEAD };

/* The policy for one item. */
struct gate_policy {
	double threshold;	/* 0.05: a regression is a change by more than 5 % */
	bool allow;		/* regressions are named, but do not count */
	bool pass_inconclusive; /* suspicious, blind and missing do not count */
	enum gate_check check;	/* which items are checked */
};

#define GATE_POLICY                                                                                \
	{                                                                                          \
		.threshold = 0.05                                                                  \
	}

enum { GATE_NAME = 128 };

/* A section of the rules file; `sets` says which members it sets. */
struct gate_rule {
	enum { GATE_FOR_ALL, GATE_FOR_CLASS, GATE_FOR_WORKLOAD } scope;
	char name[GATE_NAME]; /* class, or glob */
	int line;	      /* of its section in the file */
	struct gate_policy policy;
	struct {
		bool threshold, allow, pass_inconclusive, check;
	} sets;
};

struct gate_rules {
	struct gate_rule *rule;
	size_t count;
	char file[GATE_NAME]; /* the end of its path, for messages */
};

/*
 * Reads an INI file (libinih):
 *
 *	[default]
 *	threshold = 5%
 *	inconclusive = fail	; or pass
 *	check = all		; or cost, or overhead
 *	[class mem]
 *	threshold = 10%
 *	[workload io.*]		; a glob of the name, or of the name with parameters
 *	allow = yes
 *
 * A class must exist. A section for a workload overrides one for a class, which overrides
 * [default]; of several that match, the last counts. EXIT_USAGE with file and line.
 */
int gate_rules_read(const char *path, struct gate_rules *rules, struct err *err);

/* The same from a stream, which stays open; `name` stands in for the path in errors. */
int gate_rules_parse(FILE *file, const char *name, struct gate_rules *rules, struct err *err);
void gate_rules_release(struct gate_rules *rules);

/* Whether a rule applies to a workload. */
bool gate_rule_fits(const struct gate_rule *rule, const struct compare_item *item);

/* The policy of the rules for a workload. */
struct gate_policy gate_policy_of(const struct gate_rules *rules, const struct compare_item *item);

struct gate_finding {
	const struct compare_item *item;       /* of a missing one, its names */
	const struct compare_missing *missing; /* NULL for others */
	enum gate_state state;
	struct gate_policy policy;
};

struct gate_run {
	const struct summary *run;
	bool empty; /* it has no figure that was compared */
};

struct gate {
	struct gate_finding *finding; /* by state, then as in the comparison; passes included */
	size_t findings;
	size_t count[GATE_STATES];
	struct gate_run *run; /* BASE's, then NEW's */
	size_t runs, empty;
	enum exit_code code; /* EXIT_FINE, EXIT_REGRESSION or EXIT_INCONCLUSIVE */
	const struct comparison *comparison;
	const struct gate_rules *rules;
};

/* Whether a finding blocks the change without being a regression. */
bool gate_is_inconclusive(const struct gate_finding *f);

/* Judges a comparison, which must outlive the gate, as must the rules. It is inconclusive when a
 * run has nothing to compare. */
int gate_judge(const struct comparison *c, const struct gate_rules *rules, struct gate *g,
	       struct err *err);

const char *gate_state_name(enum gate_state s); /* "regression", … */

/* Appends damaged or missing parts of the runs, rules that match no check, a line for each finding
 * down to GATE_SUSPICIOUS (with `all`, of GATE_BLIND too), and a summary line. */
void gate_format(const struct gate *g, bool all, struct buf *out);

void gate_release(struct gate *g);

#endif
