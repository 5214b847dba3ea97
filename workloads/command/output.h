/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The output of a measured program, in bounded memory: its last lines are kept for messages, and a
 * metric's number is searched for as the lines stream by, so that it is found however late it
 * comes. While all output fits into the window, nothing is searched before the end, so that the
 * program is not disturbed.
 */
#ifndef NB_OUTPUT_H
#define NB_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workloads/command/metric.h"

/* The window, and the most that a program may print before it counts as endless. */
enum { OUTPUT_WINDOW = 1 << 16, OUTPUT_LIMIT_BYTES = 16 << 20 };

struct output {
	const struct metric *metric; /* borrowed; NULL: no number is searched for */
	uint64_t bytes;		     /* printed so far */
	int found;		     /* as of metric_search() */
	double value;
	struct err why; /* where found is -1 */
	bool cut;	/* the window begins in the middle of a line */
	size_t len;
	char text[OUTPUT_WINDOW];
};

/* Begins with no output. */
void output_begin(struct output *o, const struct metric *metric);

/* Adds output. EXIT_USAGE when there is more than OUTPUT_LIMIT_BYTES in all. */
int output_add(struct output *o, const char *data, size_t len, struct err *err);

/*
 * Returns the number once the program has ended. A pattern that spans several lines, or a line that
 * does not fit, is sure to be found only where all output fits into the window. Errors as of
 * metric_search(), or with the last line where the number is not found.
 */
int output_metric(struct output *o, double *value, struct err *err);

/* The last line that is not empty, at most 100 characters; valid until more is added. */
struct output_line {
	int len;
	const char *text;
};
struct output_line output_last_line(const struct output *o);

#endif
