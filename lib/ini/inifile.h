/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads INI files, the one module that uses libinih: [sections] of "key = value" lines, comments
 * behind '#' at the beginning of a line or behind ';', LF or CR LF. A line that begins with blanks
 * goes on with the value of the line before. Strict and bounded: the first thing that is wrong ends
 * the reading, and the err names file and line.
 */
#ifndef NB_INIFILE_H
#define NB_INIFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/err.h"

/* Without the brackets. What is longer is an error. */
enum { INIFILE_SECTION = 128 };

/* A line with a value. All texts are valid during the call only. */
struct inifile_line {
	int number;
	const char *key, *value;
	bool continued; /* it goes on with the value of the key of the line before */
	bool comment;	/* behind the value */
};

/* What becomes of the lines; -1 with an err, which gets file and line in front. Both are called in
 * the order of the file; a section also where it has no line. */
struct inifile_reader {
	int (*section)(void *ctx, const char *name, int number, struct err *err);
	int (*line)(void *ctx, const struct inifile_line *line, struct err *err);
	const char *sections; /* those that there are, for the err of a line before the first */
};

/* `NAME "FOUND": expected EXPECTED`. Returns -1, with EXIT_USAGE. */
int inifile_unexpected(const char *name, const char *found, const char *expected, struct err *err);

/* The same with a list of the names that may stand there; NULL behind the last. */
int inifile_not_among(const char *name, const char *found, const char *const *names,
		      struct err *err);

/* Reads a file, which errors call `name`. EXIT_USAGE, or what the reader said. */
int inifile_read(FILE *file, const char *name, const struct inifile_reader *reader, void *ctx,
		 struct err *err);

#endif
