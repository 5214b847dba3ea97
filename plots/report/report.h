/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The report of a run: one self-contained page for people, as HTML without scripts and without
 * anything to load, or as Markdown: a summary becomes a text.
 */
#ifndef NB_REPORT_H
#define NB_REPORT_H

#include "lib/buf.h"
#include "lib/err.h"
#include "plots/report/doc.h"
#include "results/summary/summary.h"

#define REPORT_FILE "report.html"

struct report {
	const struct summary *s;
	/* Folder with the pictures that plot_run() drew, which are put into the page (HTML) or
	 * linked by relative_pictures (Markdown). NULL: there are none, and missing says why. */
	const char *pictures;
	const char *missing;
	const char *words; /* of report.md; set by report_format() */
};

/* Appends the whole document. EXIT_MACHINE when its texts or the style sheet of HTML, report.md and
 * report.css in share/nestbench/plots, are missing. */
int report_format(enum doc_form form, const struct report *r, struct buf *out, struct err *err);

/*
 * Appends the page of a fleet, HTML. pictures is the folder that fleet_draw() drew into; NULL:
 * there is none, and missing says why. EXIT_MACHINE without the style sheet.
 */
struct fleet_comparison;
int report_fleet(const struct fleet_comparison *c, const char *pictures, const char *missing,
		 struct buf *out, struct err *err);

#endif
