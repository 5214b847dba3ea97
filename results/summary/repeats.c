/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/summary/repeats.h"

#include <stdlib.h>
#include <string.h>

/* The groups of one workload in all layers. */
struct rows_of_work {
	struct group *group;
	size_t groups;
};

static bool same_work(const struct group *a, const struct group *b)
{
	return a->threads == b->threads && strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->params, b->params) == 0;
}

/* The first record of a round; the records are sorted. */
static const struct record *find_round(const struct group *g, uint32_t boot, uint32_t round)
{
	size_t low = 0, high = g->records;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct record *r = &g->record[mid];

		if (r->boot < boot || (r->boot == boot && r->round < round))
			low = mid + 1;
		else
			high = mid;
	}
	return low < g->records && g->record[low].boot == boot && g->record[low].round == round
		       ? &g->record[low]
		       : NULL;
}

/* Whether a round has a batch that counts. */
static bool is_measured(const struct group *g, uint32_t boot, uint32_t round)
{
	const struct record *end = g->record + g->records, *r = find_round(g, boot, round);

	for (; r && r < end && r->boot == boot && r->round == round; r++)
		if (r->measured)
			return true;
	return false;
}

static struct repeat *find_repeat(const struct collection *c, uint32_t boot, uint32_t round)
{
	for (size_t i = c->repeats; i > 0; i--)
		if (c->repeat[i - 1].boot == boot && c->repeat[i - 1].round == round)
			return &c->repeat[i - 1];
	return NULL;
}

/* Finds a repeat in the list, or adds it. NULL without memory. */
static struct repeat *note_repeat(struct collection *c, const struct record *r)
{
	struct repeat *known = find_repeat(c, r->boot, r->other);

	if (known)
		return known;
	known = realloc(c->repeat, (c->repeats + 1) * sizeof(*known));
	if (!known)
		return NULL;
	c->repeat = known;
	known += c->repeats++;
	*known = (struct repeat){.boot = r->boot, .round = r->other, .by = r->round};
	return known;
}

static bool is_complete(const struct rows_of_work *w, const struct repeat *repeat)
{
	for (size_t i = 0; i < w->groups; i++)
		if (is_measured(&w->group[i], repeat->boot, repeat->round) &&
		    !is_measured(&w->group[i], repeat->boot, repeat->by))
			return false;
	return true;
}

static int compare(const void *left, const void *right)
{
	const struct record *a = left, *b = right;

	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	if (a->round != b->round)
		return a->round < b->round ? -1 : 1;
	return (a->batch > b->batch) - (a->batch < b->batch);
}

/* Drops the rounds that are repeated, or the repeat, as was decided for this workload. */
static void settle_group(struct group *g, const struct collection *c)
{
	const struct repeat *repeat = NULL;
	uint32_t boot = 0, round = 0;
	size_t kept = 0;

	for (size_t i = 0; i < g->records; i++) {
		struct record r = g->record[i];

		if (r.boot != boot || r.round != round)
			repeat = find_repeat(c, r.boot, r.other ? r.other : r.round);
		boot = r.boot;
		round = r.round;
		if (!r.other && repeat && repeat->takes_place)
			continue;
		/* A second repeat of a round has no place. */
		if (r.other && (!repeat || !repeat->takes_place || repeat->by != r.round))
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

	for (size_t i = 0; i < c->repeats; i++)
		c->repeat[i].takes_place = false;
	for (size_t i = 0; i < w->groups; i++)
		for (size_t k = 0; k < w->group[i].records; k++) {
			const struct record *r = &w->group[i].record[k];
			const struct record *before = k ? r - 1 : NULL;

			any |= r->other > 0;
			if (!r->other ||
			    (before && before->round == r->round && before->boot == r->boot))
				continue;
			if (!note_repeat(c, r))
				return err_set(err, EXIT_INTERNAL,
					       "out of memory for repeated rounds");
		}
	for (size_t i = 0; i < c->repeats && any; i++) {
		c->repeat[i].takes_place = is_complete(w, &c->repeat[i]);
		for (size_t k = 0; k < w->groups && c->repeat[i].takes_place; k++)
			if (is_measured(&w->group[k], c->repeat[i].boot, c->repeat[i].by)) {
				c->repeat[i].counts = true;
				break;
			}
	}
	for (size_t i = 0; i < w->groups && any; i++)
		settle_group(&w->group[i], c);
	return 0;
}

int repeats_settle(struct collection *c, struct err *err)
{
	struct rows_of_work w;

	for (size_t i = 0; i < c->groups; i += w.groups) {
		w = (struct rows_of_work){.group = &c->group[i], .groups = 1};
		while (i + w.groups < c->groups && same_work(w.group, &w.group[w.groups]))
			w.groups++;
		if (settle_work(c, &w, err) < 0)
			return -1;
	}
	return 0;
}
