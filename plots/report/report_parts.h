/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the report: its sections, in the order in which they are read, and what they share.
 */
#ifndef NB_REPORT_PARTS_H
#define NB_REPORT_PARTS_H

#include "plots/gnuplot/pick.h"
#include "plots/plot.h"
#include "plots/report/doc.h"
#include "plots/report/report.h"
#include "results/table/text.h"

void report_verdict(struct doc *d, const struct report *r);
void report_classes(struct doc *d, const struct report *r);
void report_workloads(struct doc *d, const struct report *r);
void report_environment(struct doc *d, const struct report *r);
void report_method(struct doc *d, const struct report *r);

/* Why a class of work costs what it costs, for those who ask; says more when the CPU was emulated.
 */
const char *report_why(const char *class, bool emulated);

/* All pictures that belong to a section, each with its table. */
void report_pictures(struct doc *d, const struct report *r, enum plot_place place);

/* Distribution over the rounds of one workload (`count` entries from `index` on) as inline SVG;
 * nothing in Markdown, or without two rounds. */
void report_strip(struct doc *d, const struct summary *s, size_t index, size_t count);

#endif
