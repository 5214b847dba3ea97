/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "results/exits/exit_parts.h"

const char *exit_class_name(enum exit_class c)
{
	static const char *const names[] = {
		[EXIT_NOT_RESOLVED] = "not resolved",
		[EXIT_PROPORTIONAL] = "proportional",
		[EXIT_PER_SECOND] = "per second",
	};

	return names[c];
}

bool exit_series_is_background(const struct exit_series *s)
{
	return strcmp(s->workload, EXITS_EMPTY) == 0 && !s->params[0] && s->threads == 1;
}

bool exit_metric_is_gated(const struct exit_series *s, const struct exit_metric *m)
{
	return m->class == EXIT_PROPORTIONAL && !m->is_sum && !exit_series_is_background(s);
}

size_t exit_series_index(const struct exit_series *s, const char *reason)
{
	size_t i = 0;

	while (i < s->metrics && strcmp(s->metric[i].reason, reason) != 0)
		i++;
	return i;
}

const struct exit_metric *exit_series_find(const struct exit_series *s, const char *reason)
{
	size_t i = exit_series_index(s, reason);

	return i < s->metrics ? &s->metric[i] : NULL;
}

double exit_excess(const struct exit_series *s, const struct exit_metric *m, size_t i)
{
	const struct exit_batch *b = &s->batch[i];

	return (double)m->count[i] - m->background.each * (double)b->batches -
	       m->background.per_second * (double)b->interval_ns * 1e-9;
}

const struct exit_series *exit_counts_find(const struct exit_counts *c, const char *workload,
					   const char *params, uint32_t threads, uint32_t measured,
					   uint32_t layer, const char *source)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct exit_series *s = &c->series[i];

		if (s->measured == measured && s->layer == layer && s->threads == threads &&
		    !s->is_empty && strcmp(s->workload, workload) == 0 &&
		    strcmp(s->params, params) == 0 && (!source || strcmp(s->source, source) == 0))
			return s;
	}
	return NULL;
}
