/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requested workloads for which a run has no figure. */
#include <stdio.h>

#include "results/summary/summary_parts.h"
#include "results/table/text.h"

static bool failed(const struct summary_entry *e)
{
	return !summary_has_cost(e) && (e->failed || e->timed_out);
}

/* Whether it was skipped in every layer. */
static bool is_skipped(const struct family *work)
{
	for (size_t i = 0; i < work->count; i++)
		if (summary_has_cost(&work->first[i]) || failed(&work->first[i]))
			return false;
	return true;
}

int unmeasured_check(const struct summary *s, bool by_name, struct err *err)
{
	const struct summary_entry *first = NULL;
	char label[TEXT_LABEL], more[48] = "";
	size_t count = 0;

	for (size_t i = 0; i < s->entries; i++)
		if (failed(&s->entry[i]) && count++ == 0)
			first = &s->entry[i];
	for (size_t i = 0; by_name && i < s->entries;) {
		struct family work = family_at(s, i);

		if (is_skipped(&work) && count++ == 0)
			first = work.first;
		i += work.count;
	}
	if (!first)
		return 0;
	if (count > 1)
		snprintf(more, sizeof(more), " (and %zu more, see the table)", count - 1);
	return err_set(err, EXIT_MACHINE, "nothing was measured of %s in %s%s: %s",
		       text_workload(s, first, label), summary_layer_name(s, first->layer), more,
		       first->reason ? first->reason : "no row says why");
}
