/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds a number in a program's output by a pattern.
 */
#ifndef NB_METRIC_H
#define NB_METRIC_H

#include <regex.h>
#include <stdbool.h>

#include "lib/err.h"

/* Bounds on a pattern: its length, and the product of all its repetitions ("{3}{5}" is 15), which
 * is what time and memory of a search grow with. */
enum { METRIC_PATTERN = 256, METRIC_REPEATS = 1000 };

struct metric {
	const char *text; /* the pattern, borrowed; NULL: none was compiled */
	bool is_time;	  /* the number is a time, in seconds unless a unit follows it */
	regex_t pattern;
};

/*
 * Leaves is_time as it is. A POSIX extended pattern with one pair of parentheses, around the
 * number; '^' and '$' are the ends of lines. Patterns with unbounded cost are refused:
 * back-references, repetitions of repetitions, more than the bounds above. EXIT_USAGE says what is
 * wrong with it.
 */
int metric_compile(struct metric *m, const char *pattern, struct err *err);

/*
 * Looks for the first match. 1: *value is the number there, above 0. For a rate, a prefix right
 * after it counts ("12.3k", "8MiB"); for a time, a unit, also after a blank ("250ms", "250 ms"),
 * and *value is in seconds. 0: there is no match. -1 with EXIT_USAGE: the match is no such number,
 * or other letters follow a time. cut: the text begins in the middle of a line.
 */
int metric_search(const struct metric *m, const char *text, bool cut, double *value,
		  struct err *err);

/* A zeroed struct is fine. */
void metric_release(struct metric *m);

#endif
