/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/remeasured.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"

/* The groups of one workload in all layers. */
struct rows_of_work {
	struct group *group;
	size_t groups;
};

size_t groups_of_work(const struct collection *c, size_t first)
{
	const struct group *a = &c->group[first], *b = a + 1;

	while (b < c->group + c->groups && a->threads == b->threads &&
	       strcmp(a->workload, b->workload) == 0 && strcmp(a->params, b->params) == 0)
		b++;
	return (size_t)(b - a);
}

size_t end_of_round(const struct group *g, size_t first)
{
	const struct record *a = &g->record[first], *b = a + 1;

	while (b < g->record + g->records && a->boot == b->boot && a->round == b->round)
		b++;
	return (size_t)(b - g->record);
}

static int compare_rounds(const struct record *r, uint32_t boot, uint32_t round)
{
	if (r->boot != boot)
		return r->boot < boot ? -1 : 1;
	return (r->round > round) - (r->round < round);
}

/* Whether a round has a batch that counts. */
static bool is_measured(const struct group *g, uint32_t boot, uint32_t round)
{
	size_t low = 0, high = g->records;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_rounds(&g->record[mid], boot, round) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < g->records && compare_rounds(&g->record[low], boot, round) == 0; low++)
		if (g->record[low].measured)
			return true;
	return false;
}

static struct remeasured *find_remeasured(const struct collection *c, uint32_t boot, uint32_t round)
{
	for (size_t i = c->remeasured_count; i > 0; i--)
		if (c->remeasured[i - 1].boot == boot && c->remeasured[i - 1].round == round)
			return &c->remeasured[i - 1];
	return NULL;
}

/* Adds a remeasured round to the list, unless it is there. */
static int note_remeasured(struct collection *c, const struct record *r, struct err *err)
{
	struct remeasured *list;

	if (find_remeasured(c, r->boot, r->other))
		return 0;
	list = array_grow(c->remeasured, c->remeasured_count, sizeof(*list));
	if (!list)
		return err_set(err, EXIT_INTERNAL, "out of memory for remeasured rounds");
	c->remeasured = list;
	list[c->remeasured_count++] =
		(struct remeasured){.boot = r->boot, .round = r->other, .by = r->round};
	return 0;
}

static bool is_complete(const struct rows_of_work *w, const struct remeasured *remeasured)
{
	for (size_t i = 0; i < w->groups; i++)
		if (is_measured(&w->group[i], remeasured->boot, remeasured->round) &&
		    !is_measured(&w->group[i], remeasured->boot, remeasured->by))
			return false;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct record *a = left, *b = right;
	int order = compare_rounds(a, b->boot, b->round);

	return order ? order : (a->batch > b->batch) - (a->batch < b->batch);
}

/* Drops the disturbed rounds, or the new ones, as was decided for this workload. */
static void settle_group(struct group *g, const struct collection *c)
{
	const struct remeasured *remeasured = NULL;
	uint32_t boot = 0, round = 0;
	size_t kept = 0;

	for (size_t i = 0; i < g->records; i++) {
		struct record r = g->record[i];

		if (r.boot != boot || r.round != round)
			remeasured = find_remeasured(c, r.boot, r.other ? r.other : r.round);
		boot = r.boot;
		round = r.round;
		if (!r.other && remeasured && remeasured->takes_place)
			continue;
		/* Only one new round can take the place of a disturbed one. */
		if (r.other &&
		    (!remeasured || !remeasured->takes_place || remeasured->by != r.round))
			continue;
		if (r.other) {
			r.round = r.other;
			r.other = round;
		}
		g->record[kept++] = r;
	}
	g->records = kept;
	if (kept)
		qsort(g->record, kept, sizeof(*g->record), compare);
}

static int settle_work(struct collection *c, const struct rows_of_work *w, struct err *err)
{
	bool any = false;

	for (size_t i = 0; i < c->remeasured_count; i++)
		c->remeasured[i].takes_place = false;
	for (size_t i = 0; i < w->groups; i++)
		for (size_t k = 0; k < w->group[i].records; k++) {
			const struct record *r = &w->group[i].record[k];
			bool first = k == 0 || compare_rounds(r - 1, r->boot, r->round) != 0;

			any |= r->other > 0;
			if (r->other && first && note_remeasured(c, r, err) < 0)
				return -1;
		}
	for (size_t i = 0; i < c->remeasured_count && any; i++) {
		struct remeasured *r = &c->remeasured[i];

		r->takes_place = is_complete(w, r);
		for (size_t k = 0; k < w->groups && r->takes_place && !r->counts; k++)
			r->counts = is_measured(&w->group[k], r->boot, r->by);
	}
	for (size_t i = 0; i < w->groups && any; i++)
		settle_group(&w->group[i], c);
	return 0;
}

int remeasured_settle(struct collection *c, struct err *err)
{
	struct rows_of_work w;

	for (size_t i = 0; i < c->groups; i += w.groups) {
		w = (struct rows_of_work){&c->group[i], groups_of_work(c, i)};
		if (settle_work(c, &w, err) < 0)
			return -1;
	}
	return 0;
}
