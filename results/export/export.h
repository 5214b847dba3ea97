/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs in the formats that other tools read. Pure: a summary in, a text out. Texts that came from
 * files are made printable ASCII and escaped as each format wants it; entries without figures are
 * left out, or said to be skipped where a format can say so.
 */
#ifndef NB_EXPORT_H
#define NB_EXPORT_H

#include <stddef.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "results/compare/gate.h"
#include "results/summary/summary.h"

/* Appends the text for a run, and for runs, at least one. */
typedef int export_fn(const struct summary *s, struct buf *out, struct err *err);
typedef int export_several_fn(const struct summary *runs, size_t count, struct buf *out,
			      struct err *err);

struct export_format {
	const char *name;
	const char *summary; /* one line: whose format it is */
	bool failures;	     /* says what failed too, so that it is of use without a figure */
	/* Whether it shows a figure of this entry. */
	bool (*shows)(const struct summary_entry *e); /* NULL: every entry that has one */
	export_fn *write;
	export_several_fn *several; /* in its place, where it takes more than one run; else NULL */
};

extern const struct export_format export_formats[]; /* ends with a NULL name */

/* NULL with EXIT_USAGE, naming those there are. */
const struct export_format *export_find(const char *name, struct err *err);

/* EXIT_INCONCLUSIVE, saying why, when the format shows no figure of one of the runs. */
int export_check(const struct export_format *format, const struct summary *runs, size_t count,
		 struct err *err);

/* Appends the text for runs, of which there is one unless the format takes several. */
int export_write(const struct export_format *format, const struct summary *runs, size_t count,
		 struct buf *out, struct err *err);

/* The checks of a gate as JUnit XML: a regression is a failure, what NEW failed at an error, what
 * it lacks skipped. */
void export_junit_gate(const struct gate *g, struct buf *out);

#endif
