/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the export: what its files share.
 */
#ifndef NB_EXPORT_PARTS_H
#define NB_EXPORT_PARTS_H

#include "results/export/export.h"

export_fn export_bmf, export_github_smaller, export_github_bigger, export_google;
export_fn export_benchstat, export_prometheus, export_kv;
export_fn export_csv, export_markdown, export_latex, export_junit;
export_several_fn export_otava;

/* A label of Prometheus, name="value"; comma is what stands before it. */
void prometheus_label(struct buf *out, const char *name, const char *value, const char *comma);

/* The two lines before a metric of that name, without its nestbench_. */
void prometheus_head(struct buf *out, const char *name, const char *help);

enum { EXPORT_NAME = 512 };

/*
 * "mem.chase", parameters, threads when there are several, and the layer, joined by `separator`;
 * blanks between parameters become separators too. Printable ASCII. Returns text.
 */
const char *export_name(const struct summary *s, const struct summary_entry *e, char separator,
			char text[EXPORT_NAME]);

#endif
