/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/unmeasured.h"

#include <inttypes.h>
#include <stdio.h>

#include "results/summary/summary_parts.h"
#include "results/table/text.h"

static bool failed(const struct summary_entry *e)
{
	return !summary_has_cost(e) && (e->failed || e->timed_out);
}

static bool is_skipped(const struct family *work)
{
	bool skipped = true;

	for (size_t i = 0; i < work->count; i++)
		skipped &= !summary_has_cost(&work->first[i]) && !failed(&work->first[i]);
	return skipped;
}

/* The first of them, and how many there are. */
struct unmeasured {
	const struct summary_entry *first;
	size_t count;
};

static void add(struct unmeasured *u, const struct summary_entry *e)
{
	if (u->count++ == 0)
		u->first = e;
}

int unmeasured_check(const struct summary *s, bool by_name, struct err *err)
{
	struct unmeasured u = {0};
	char label[TEXT_LABEL], more[48] = "";

	for (size_t i = 0; i < s->entries; i++)
		if (failed(&s->entry[i]))
			add(&u, &s->entry[i]);
	for (size_t i = 0; by_name && i < s->entries;) {
		struct family work = family_at(s, i);

		if (is_skipped(&work))
			add(&u, work.first);
		i += work.count;
	}
	if (u.count == 0)
		return 0;
	if (u.count > 1)
		snprintf(more, sizeof(more), " (and %zu more, see the table)", u.count - 1);
	return err_set(err, EXIT_MACHINE, "nothing was measured of %s in L%" PRIu32 "%s: %s",
		       text_workload(s, u.first, label), u.first->layer, more,
		       u.first->reason ? u.first->reason : "no row says why");
}
