/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exits per operation for the formats: those that belong to operations (exit_metric_is_gated).
 */
#ifndef NB_EXPORT_EXITS_H
#define NB_EXPORT_EXITS_H

#include "results/exits/exit_counts.h"
#include "results/export/export_parts.h"

/* Borrowed, while the function runs. */
struct export_exit {
	const struct summary *s;
	const struct exit_series *series;
	const struct exit_metric *metric;
};

/* Takes one. -1 with an err ends it. */
typedef int (*export_exit_fn)(void *ctx, const struct export_exit *e, struct err *err);

/* Reads the counts of a run, and puts one after the other, as they first came. None is fine. */
int export_exits(const struct summary *s, export_exit_fn put, void *ctx, struct err *err);
int export_exits_of(const struct summary *s, const struct exit_counts *counts, export_exit_fn put,
		    void *ctx, struct err *err);

/* "exit.cpuid L2 exits cpuid"; where another source than the tracepoint of exits counted
 * "kvm_stats:io_exits"; while a deeper layer worked "L1 exits vmrun work in L2". As export_name. */
const char *export_exit_name(const struct export_exit *e, char separator, char text[EXPORT_NAME]);

/* Its last part: "cpuid", "kvm_stats:io_exits". */
const char *export_exit_reason(const struct export_exit *e, char text[EXITS_REASON + EXITS_SOURCE]);

#endif
