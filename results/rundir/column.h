/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands in a file of the run directory, column by column, for the manual: each file's module
 * keeps the text in the very table by which it reads and writes the file.
 */
#ifndef NB_COLUMN_H
#define NB_COLUMN_H

#include <stddef.h>

struct column_text {
	const char *name;
	const char *meaning; /* with its unit, where it has one */
};

/* Column i of a file, from 0; one without a name behind the last. */
typedef struct column_text column_fn(size_t i);

#endif
