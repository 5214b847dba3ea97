/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a measured program prints, in bounded memory: its last lines are kept for messages, and the
 * number that a metric asks for is looked for as the lines stream by, so that it is found however
 * late it comes. As long as all fits into the window nothing is looked for before the end, so that
 * the program is not disturbed.
 */
#ifndef NB_OUTPUT_H
#define NB_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/command/metric.h"

/* The window; and what a program may print before it is taken for one that never ends. */
enum { OUTPUT_WINDOW = 1 << 16, OUTPUT_LIMIT_BYTES = 16 << 20 };

struct output {
	const struct metric *metric; /* borrowed; NULL: no number is wanted */
	uint64_t bytes;		     /* printed so far */
	int found;		     /* as of metric_search() */
	double value;
	struct err why; /* where found is -1 */
	bool cut;	/* the window begins in the middle of a line */
	size_t len;
	char text[OUTPUT_WINDOW];
};

/* Nothing was printed yet. */
void output_begin(struct output *o, const struct metric *metric);

/* The program printed this. EXIT_USAGE when with it there is more than OUTPUT_LIMIT_BYTES. */
int output_add(struct output *o, const char *data, size_t len, struct err *err);

/*
 * The program has ended: the number. A pattern that spans several lines is sure to be found only
 * where all fits into the window; so is one in a line that does not. Errors as of metric_search(),
 * or with the last line where the number is not found.
 */
int output_metric(struct output *o, double *value, struct err *err);

/* The last line that holds anything, at most 100 characters; good until more is added. */
struct output_line {
	int len;
	const char *text;
};
struct output_line output_last_line(const struct output *o);

#endif
