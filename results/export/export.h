/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs in the formats of other tools. Pure: summary in, text out; only exits per operation are read
 * from the run's directory. Texts from files are made
 * printable ASCII and escaped as each format requires; entries without figures are left out, or
 * marked as skipped where a format has a way to do so.
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
	bool failures;	     /* also reports failures, so that it is useful without a figure */
	/* Whether it shows this entry's figure. */
	bool (*shows)(const struct summary_entry *e); /* NULL: every entry that has one */
	export_fn *write;
	export_several_fn
		*several; /* replaces `write` where the format takes several runs; else NULL */
};

/* The summary as nestbench's own JSON, doc/schema/summary.schema.json. */
export_fn export_json;

extern const struct export_format export_formats[]; /* ends with a NULL name */

/* NULL with EXIT_USAGE, which lists the formats. */
const struct export_format *export_find(const char *name, struct err *err);

/* EXIT_INCONCLUSIVE, saying why, when the format shows no figure of one of the runs. */
int export_check(const struct export_format *format, const struct summary *runs, size_t count,
		 struct err *err);

/* Appends the text for runs, of which there is one unless the format takes several. */
int export_write(const struct export_format *format, const struct summary *runs, size_t count,
		 struct buf *out, struct err *err);

/* The checks of a gate as JUnit XML: a regression is a failure, a failure in NEW an error, and what
 * NEW lacks skipped. */
void export_junit_gate(const struct gate *g, struct buf *out);

#endif
