/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finds a number in what a program prints, by a pattern.
 */
#ifndef NB_METRIC_H
#define NB_METRIC_H

#include <regex.h>

#include "bench/base/err.h"

/* Bounds on a pattern: its length, and the product of all its repetitions ("{3}{5}" is 15), which
 * is what time and memory of a search grow with. */
enum { METRIC_PATTERN = 256, METRIC_REPEATS = 1000 };

struct metric {
	const char *text; /* the pattern, borrowed; NULL: none was compiled */
	regex_t pattern;
};

/*
 * A POSIX extended pattern with one pair of parentheses, around the number; '^' and '$' are the
 * ends of lines. Patterns that a search could choke on are refused: back-references, repetitions of
 * repetitions, more than the bounds above. EXIT_USAGE says what is wrong with it.
 */
int metric_compile(struct metric *m, const char *pattern, struct err *err);

/*
 * The first number above 0 that the pattern finds. A prefix right behind it counts ("12.3k",
 * "8MiB"). EXIT_USAGE with what was found instead.
 */
int metric_find(const struct metric *m, const char *text, double *value, struct err *err);

/* A zeroed struct is fine. */
void metric_release(struct metric *m);

#endif
