/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nestbench fleet compare: its part of the options, and what it does. */
#ifndef NB_BENCH_FLEET_COMPARE_H
#define NB_BENCH_FLEET_COMPARE_H

#include <stdbool.h>

#include "lib/options.h"

struct fleet_compare_request {
	bool all, csv, prometheus;
	bool json; /* set by the caller, whose option it is */
	const char *same, *plots, *report;
	struct text_list workloads;
};

/* Rows of an option table; `at` is the offset of the request in the options struct. */
#define FLEET_COMPARE_ROW(member, type, ...)                                                       \
	{                                                                                          \
#member, type, offsetof(struct options, compare.member), __VA_ARGS__               \
	}
#define FLEET_COMPARE_OPTIONS                                                                      \
	FLEET_COMPARE_ROW(all, OPT_FLAG, .help = "compare: every figure, difference and rank",     \
			  .group = "compare"),                                                     \
		FLEET_COMPARE_ROW(csv, OPT_FLAG, .help = "as CSV, every figure of every node"),    \
		FLEET_COMPARE_ROW(prometheus, OPT_FLAG,                                            \
				  .help = "for node_exporter's textfile collector"),               \
		FLEET_COMPARE_ROW(same, OPT_TEXT, .arg = "PERCENT", .fallback = "2%",              \
				  .help = "a node that differs by less is not odd"),               \
		FLEET_COMPARE_ROW(workloads, OPT_LIST, .arg = "GLOB",                              \
				  .help = "only these; may be repeated", .value = VALUE_WORKLOAD), \
		FLEET_COMPARE_ROW(plots, OPT_TEXT, .arg = "DIR",                                   \
				  .help = "draw fleet.svg and fleet.png into this folder",         \
				  .value = VALUE_DIR),                                             \
		FLEET_COMPARE_ROW(report, OPT_TEXT, .arg = "FILE",                                 \
				  .help = "write the page of the fleet, HTML, to this file",       \
				  .value = VALUE_FILE)

/* Compares the fleet in dir and prints; -1 with EXIT_MACHINE, after the answer, when some node was
 * not measured or could not be read. */
int fleet_compare_print(const char *dir, const struct fleet_compare_request *r, struct err *err);

#endif
