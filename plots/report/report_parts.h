/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the report: its sections, in the order in which they are read, and what they share.
 */
#ifndef NB_REPORT_PARTS_H
#define NB_REPORT_PARTS_H

#include "plots/plot.h"
#include "plots/report/doc.h"
#include "plots/report/report.h"
#include "results/exits/memory.h"

void report_verdict(struct doc *d, const struct report *r);
void report_kinds(struct doc *d, const struct report *r); /* only where the run has kinds */
void report_classes(struct doc *d, const struct report *r);
void report_workloads(struct doc *d, const struct report *r);
void report_why(struct doc *d, const struct report *r); /* only where exits were counted */
/* A part of it; nothing where there are no rows. */
void report_memory(struct doc *d, const struct summary *s, const struct memory_path *m);
void report_environment(struct doc *d, const struct report *r);
void report_method(struct doc *d, const struct report *r);

/* Appends a file that lies beside the scripts of the pictures; and report.md, each paragraph of
 * which becomes a line. EXIT_MACHINE where it is missing. */
int report_read_shared(const char *name, struct buf *out, struct err *err);
int report_read_words(struct buf *words, struct err *err);

/*
 * What report.md says under the heading "HEADING: OF", or "HEADING" alone where `of` is NULL, as
 * paragraphs of that kind and items of a list; nothing where there is no such heading.
 */
void report_text(struct doc *d, const struct report *r, const char *kind, const char *heading,
		 const char *of);

/* Begins a page, up to its header; title is data. EXIT_MACHINE without the style sheet. */
int report_begin_page(struct doc *d, const char *title, struct err *err);

/* The picture that was drawn into a folder, or, in Markdown, a link to it. */
void report_picture(struct doc *d, const char *folder, const struct plot *plot);

/* All pictures that belong to a section, each with its table. */
void report_pictures(struct doc *d, const struct report *r, enum plot_place place);

/* Distribution over the rounds of one workload as inline SVG; nothing in Markdown, or without two
 * rounds. */
void report_strip(struct doc *d, const struct summary *s, const struct family *work);

enum { AXIS_TICS = 32, AXIS_TEXT = 32 };

/*
 * Where the tics of a logarithmic axis stand: round numbers from low to high (above 0), at most
 * `most` (3 to AXIS_TICS) and at least two where that can be: even steps where they are close to
 * each other, else 1, 2 and 5 times powers of ten, or each 2nd or 3rd power of ten. Ascending.
 */
size_t axis_tics(double low, double high, size_t most, double tic[AXIS_TICS]);

/* A round time in ns as people write it: "10 ns", "2 us", "1.5 ms". */
const char *axis_time(double ns, char text[AXIS_TEXT]);

#endif
