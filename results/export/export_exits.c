/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/export/export_exits.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "results/rundir/params.h"

int export_exits_of(const struct summary *s, const struct exit_counts *counts, export_exit_fn put,
		    void *ctx, struct err *err)
{
	for (size_t i = 0; i < counts->count; i++) {
		const struct exit_series *series = &counts->series[i];

		if (series->layer >= s->layers || series->measured >= s->layers ||
		    series->counted_in >= s->layers)
			continue;
		for (size_t k = 0; k < series->metrics; k++) {
			const struct export_exit e = {s, series, &series->metric[k]};

			if (exit_metric_is_gated(series, e.metric) && put(ctx, &e, err) < 0)
				return -1;
		}
	}
	return 0;
}

int export_exits(const struct summary *s, export_exit_fn put, void *ctx, struct err *err)
{
	struct exit_counts counts = {0};
	int rc =
		exit_counts_load(s->dir, s->manifest.run[0] ? s->manifest.run : NULL, &counts, err);

	if (rc == 0)
		rc = export_exits_of(s, &counts, put, ctx, err);
	exit_counts_release(&counts);
	return rc;
}

const char *export_exit_reason(const struct export_exit *e, char text[EXITS_REASON + EXITS_SOURCE])
{
	bool by_reason = strcmp(e->series->source, "kvm_exit") == 0;
	char raw[EXITS_REASON + EXITS_SOURCE];

	snprintf(raw, sizeof(raw), "%s%s%s", by_reason ? "" : e->series->source,
		 by_reason ? "" : ":", e->metric->reason);
	return csv_printable(raw, text, EXITS_REASON + EXITS_SOURCE);
}

const char *export_exit_name(const struct export_exit *e, char separator, char text[EXPORT_NAME])
{
	const struct exit_series *s = e->series;
	char raw[EXPORT_NAME], reason[EXITS_REASON + EXITS_SOURCE], threads[THREADS_TEXT];

	snprintf(raw, sizeof(raw), "%.64s%s%.160s%s%s %s exits %s", s->workload,
		 s->params[0] ? " " : "", s->params, s->threads != 1 ? " " : "",
		 s->threads != 1 ? threads_word(s->threads, threads) : "",
		 summary_layer_name(e->s, s->layer), export_exit_reason(e, reason));
	if (s->measured != s->layer)
		str_addf(raw, sizeof(raw), " work in %s", summary_layer_name(e->s, s->measured));
	csv_printable(raw, text, EXPORT_NAME);
	for (char *c = text; *c; c++)
		if (*c == ' ')
			*c = separator;
	return text;
}
