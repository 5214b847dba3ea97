/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The gate: does a comparison block a change? For a pipeline: an exit code, and a line for each
 * finding.
 *
 * A regression is a change for the worse whose p, corrected for all comparisons, is small, and
 * which exceeds the threshold that the rules set for that workload. With one boot on each side the
 * spread between boots of the same version is not known, so a finding is suspicious, never a
 * regression. Blind: the interval does not exclude a change beyond the threshold.
 *
 * Exits per operation have a threshold of their own, and are checked where the program determines
 * them (compare.h: exact) and the counts are enough to tell a change by the threshold: then they
 * are the same in every boot, and one boot on each side suffices for a regression. The others are
 * no checks; how many they are is said. What follows time is refused: a rule that names it is an
 * error.
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

enum gate_check { GATE_CHECK_ALL, GATE_CHECK_COST, GATE_CHECK_OVERHEAD, GATE_CHECK_EXITS };

/* The policy for one item. */
struct gate_policy {
	double threshold;	/* 0.05: a regression is a change by more than 5 % */
	double exits;		/* the same of exits per operation */
	bool allow;		/* regressions are named, but do not count */
	bool pass_inconclusive; /* suspicious, blind and missing do not count */
	enum gate_check check;	/* which items are checked */
};

#define GATE_POLICY                                                                                \
	{                                                                                          \
		.threshold = 0.05, .exits = 0.005                                                  \
	}

enum { GATE_NAME = 128 };

/* A section of the rules file; `sets` says which members it sets. */
struct gate_rule {
	enum { GATE_FOR_ALL, GATE_FOR_CLASS, GATE_FOR_WORKLOAD, GATE_FOR_EXITS } scope;
	char name[GATE_NAME]; /* class, or glob of a workload, or of the reason of exits */
	int line;	      /* of its section in the file */
	struct gate_policy policy;
	struct {
		bool threshold, exits, allow, pass_inconclusive, check;
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
 *	exits = 0.5%		; threshold of exits per operation
 *	inconclusive = fail	; or pass
 *	check = all		; or cost, overhead, or exits
 *	[class mem]
 *	threshold = 10%
 *	[workload io.*]		; a glob of the name, or of the name with parameters
 *	allow = yes
 *	[exits cpuid]		; a glob of the reason
 *	threshold = 1%
 *
 * A class must exist, and a reason must not be one that follows time by its nature. A section for
 * exits overrides one for a workload, which overrides one for a class, which overrides [default];
 *of several that match, the last counts. EXIT_USAGE with file and line.
 */
int gate_rules_read(const char *path, struct gate_rules *rules, struct err *err);

/* The same from a stream, which stays open; `name` stands in for the path in errors. */
int gate_rules_parse(FILE *file, const char *name, struct gate_rules *rules, struct err *err);
void gate_rules_release(struct gate_rules *rules);

/* Whether a rule applies to a workload. */
bool gate_rule_fits(const struct gate_rule *rule, const struct compare_item *item);

/* Whether it applies to nothing that was compared; and how a section of its scope begins. */
bool gate_rule_is_idle(const struct gate_rule *rule, const struct comparison *c);
extern const char *const gate_scope_names[];

/* The policy of the rules for a workload; of exits per operation, its threshold is theirs. */
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
	struct {
		size_t varied; /* exits that are no checks: not exact */
		size_t coarse; /* likewise: too few to tell a change by the threshold */
	} exits;
	struct gate_run *run; /* BASE's, then NEW's */
	size_t runs, empty;
	enum exit_code code; /* EXIT_FINE, EXIT_REGRESSION or EXIT_INCONCLUSIVE */
	const struct comparison *comparison;
	const struct gate_rules *rules;
};

/* Whether a finding blocks the change without being a regression. */
bool gate_is_inconclusive(const struct gate_finding *f);

/* Judges a comparison, which must outlive the gate, as must the rules. It is inconclusive when a
 * run has nothing to compare. EXIT_USAGE when a rule names exits that follow time. */
int gate_judge(const struct comparison *c, const struct gate_rules *rules, struct gate *g,
	       struct err *err);

const char *gate_state_name(enum gate_state s);	     /* "regression", … */
const char *gate_verdict_name(const struct gate *g); /* "PASS", "INCONCLUSIVE", "REGRESSION" */

/* Appends damaged or missing parts of the runs, rules that match no check, a line for each finding
 * down to GATE_SUSPICIOUS (with `all`, of GATE_BLIND too), and a summary line. */
void gate_format(const struct gate *g, bool all, struct buf *out);

/* As JSON, with every finding. */
int gate_format_json(const struct gate *g, struct buf *out, struct err *err);

void gate_release(struct gate *g);

#endif
