/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What commands that read runs have in common: the summaries of the runs that they are given, which
 * runs stand on which side of a comparison, and where the answer goes.
 */
#ifndef NB_READ_RUNS_H
#define NB_READ_RUNS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/options.h"
#include "results/compare/compare.h"
#include "results/summary/summary.h"

struct run_list {
	struct summary *item;
	size_t count;
};

/*
 * Reads the runs, which must be different ones, and says on stderr what of their files was left
 * out; command is as in "nestbench export". The caller releases the list, also after a failure.
 */
int runs_read(const char *command, const struct text_list *dirs, struct run_list *runs,
	      struct err *err);
void runs_release(struct run_list *runs);

/* Says on stderr, a line for each run that lacks something, what of its files was left out. */
int runs_tell_damage(const char *command, const struct summary *run, size_t count, struct err *err);

/* Whether each word is a pattern, a workload or one that the runs measured: what is neither was
 * mistyped. EXIT_USAGE, with what was probably meant. */
int runs_know(const struct text_list *words, const struct summary *run, size_t count,
	      struct err *err);

/*
 * The end of a command: when rc is 0, writes text to the file, whole or not at all, or to stdout
 * where file is NULL. Releases text. Returns rc, or -1.
 */
int answer_give(struct buf *text, const char *file, int rc, struct err *err);

/* The same with --json, on stdout: json_write_answer() of lib/json.h. Takes members. */
int answer_json(const char *name, int version, json_t *members, struct err *err);

struct side_options {
	struct text_list base, new, workloads;
	bool force;
};

/* Rows of the option table of a command whose options struct begins with these. */
#define SIDE_ROW(...)                                                                              \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}
#define SIDE_AT(member) offsetof(struct side_options, member)
#define SIDE_OPTIONS                                                                               \
	SIDE_ROW("base", OPT_LIST, SIDE_AT(base), "RUN",                                           \
		 .help = "a further run of the base; may be repeated", .value = VALUE_RUN),        \
		SIDE_ROW("new", OPT_LIST, SIDE_AT(new), "RUN",                                     \
			 .help = "a further run of the new side; may be repeated",                 \
			 .value = VALUE_RUN),                                                      \
		SIDE_ROW("workloads", OPT_LIST, SIDE_AT(workloads), "GLOB",                        \
			 .help = "only these; may be repeated", .value = VALUE_WORKLOAD),          \
		SIDE_ROW("force", OPT_FLAG, SIDE_AT(force),                                        \
			 .help = "compare runs of other sizes, stacks or programs, or one run "    \
				 "twice, all the same")

/* words holds BASE and NEW. Reads the runs and compares them. */
int sides_compare(const struct side_options *opt, const struct text_list *words,
		  const struct compare_options *how, struct comparison *c, struct err *err);

#endif
