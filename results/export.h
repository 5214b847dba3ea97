/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs in the formats that other tools read. Pure: a summary in, a text out. Texts that came from
 * files are made printable ASCII and escaped as each format wants it; entries without figures are
 * left out, or said to be skipped where a format can say so.
 */
#ifndef NB_EXPORT_H
#define NB_EXPORT_H

#include <stddef.h>

#include "bench/base/buf.h"
#include "bench/base/err.h"
#include "results/gate.h"
#include "results/summary.h"

struct export_format {
	const char *name;
	const char *summary; /* one line: whose format it is */
	bool several;	     /* takes more than one run */
	/* Appends the text for runs, at least one. EXIT_INCONCLUSIVE when they hold no figures. */
	int (*write)(const struct summary *runs, size_t count, struct buf *out, struct err *err);
};

extern const struct export_format export_formats[]; /* ends with a NULL name */

/* NULL with EXIT_USAGE, naming those there are. */
const struct export_format *export_find(const char *name, struct err *err);

/* The checks of a gate as JUnit XML: a regression is a failure, what NEW failed at an error, what
 * it lacks skipped. */
void export_junit_gate(const struct gate *g, struct buf *out);

#endif
