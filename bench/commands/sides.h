/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the commands compare and gate have in common: which runs stand on which side.
 */
#ifndef NB_COMPARING_H
#define NB_COMPARING_H

#include <stdbool.h>

#include "lib/options.h"
#include "results/compare/compare.h"

struct comparing_options {
	struct text_list base, new, workloads;
	bool force;
};

/* Rows of the option table of a command whose options struct has this member. */
/* NOLINTBEGIN(bugprone-macro-parentheses) a type and a member */
#define COMPARING_OPTIONS(type, member)                                                            \
	{"base",                                                                                   \
	 OPT_LIST,                                                                                 \
	 offsetof(type, member.base),                                                              \
	 "RUN",                                                                                    \
	 NULL,                                                                                     \
	 0,                                                                                        \
	 0,                                                                                        \
	 "a further run of the base; may be repeated"},                                            \
		{"new",                                                                            \
		 OPT_LIST,                                                                         \
		 offsetof(type, member.new),                                                       \
		 "RUN",                                                                            \
		 NULL,                                                                             \
		 0,                                                                                \
		 0,                                                                                \
		 "a further run of the new side; may be repeated"},                                \
		{"workloads", OPT_LIST, offsetof(type, member.workloads), "GLOB", NULL,            \
		 0,	      0,	"only these; may be repeated"},                            \
	{                                                                                          \
		"force", OPT_FLAG, offsetof(type, member.force), NULL, NULL, 0, 0,                 \
			"compare runs of other shape, stack or program, or one run twice, all "    \
			"the same"                                                                 \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

/* words holds BASE and NEW. Reads the runs and compares them. */
int comparing_read(const struct comparing_options *opt, const struct text_list *words,
		   const struct compare_options *how, struct comparison *c, struct err *err);

#endif
