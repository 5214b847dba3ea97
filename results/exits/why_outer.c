/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/exits/exit_parts.h"
#include "results/exits/why_parts.h"

/* By reason, so that what follows time is left out; else KVM's statistics, of which one is the sum.
 */
static const char *const sources[] = {"kvm_exit", "kvm_stats"};
enum { BY_REASON, STATISTICS, SOURCES };

/* Whether a counter is one of those that are added up. */
static bool is_added(const struct exit_metric *m, int source)
{
	return source == STATISTICS ? m->is_sum : !m->is_sum && m->class != EXIT_PER_SECOND;
}

struct pairs {
	int source;
	double *above, *below;
	struct exit_batch *batch;
	size_t n;
	double events, seconds;
};

/* Of a batch, without its background. */
static double excess(const struct exit_series *s, int source, size_t batch)
{
	double all = 0;

	for (size_t i = 0; i < s->metrics; i++)
		if (is_added(&s->metric[i], source))
			all += exit_excess(s, &s->metric[i], batch);
	return all;
}

static bool is_same(const struct exit_batch *a, const struct exit_batch *b)
{
	return a->boot == b->boot && a->round == b->round && a->batch == b->batch;
}

static int pairs_make(struct pairs *p, const struct exit_series *child,
		      const struct exit_series *outer, struct err *err)
{
	size_t n = child->batches < outer->batches ? child->batches : outer->batches;

	p->above = calloc(n, sizeof(*p->above));
	p->below = calloc(n, sizeof(*p->below));
	p->batch = calloc(n, sizeof(*p->batch));
	if (!p->above || !p->below || !p->batch)
		return err_set(err, EXIT_INTERNAL, "out of memory for the counts of %zu batches",
			       n);
	/* Both are in the order of the file. */
	for (size_t i = 0, k = 0; i < child->batches; i++) {
		size_t at = k;

		while (at < outer->batches && !is_same(&child->batch[i], &outer->batch[at]))
			at++;
		if (at == outer->batches)
			continue;
		p->below[p->n] = excess(child, p->source, i);
		p->above[p->n] = excess(outer, p->source, at);
		p->events += fmax(0, p->above[p->n]);
		p->seconds += (double)child->batch[i].interval_ns * 1e-9;
		p->batch[p->n++] = child->batch[i];
		k = at + 1;
	}
	return 0;
}

static void pairs_release(struct pairs *p)
{
	free(p->above);
	free(p->below);
	free(p->batch);
}

/* Amplification says something only where the work of the child exits at all. */
static bool exits(const struct exit_series *child, int source)
{
	for (size_t i = 0; child && i < child->metrics; i++) {
		const struct exit_metric *m = &child->metric[i];

		if (source == STATISTICS ? m->is_sum && m->per_op.low > 0
					 : m->class == EXIT_PROPORTIONAL && !m->is_sum)
			return true;
	}
	return false;
}

/* Of all batches together. */
static double background_half(const struct pairs *p, const struct exit_series *s)
{
	double half = 0;

	for (size_t i = 0; i < s->metrics; i++)
		if (is_added(&s->metric[i], p->source))
			half = hypot(half, exit_background_half(&s->metric[i].background,
								p->seconds / (double)p->n));
	return (double)p->n * half;
}

static struct estimate factor_of(const struct pairs *p, const struct exit_series *child,
				 const struct exit_series *outer)
{
	const struct exit_ratio ratio = {p->batch, p->n, p->above, p->below, p->events};
	struct estimate e = exit_ratio_estimate(&ratio);
	double below = 0;

	for (size_t i = 0; i < p->n; i++)
		below += p->below[i];
	exit_widen(&e, hypot(background_half(p, outer), e.mid * background_half(p, child)) / below);
	return e;
}

static int add_outer(struct why_item *item, int source, const struct exit_series *child,
		     const struct exit_series *outer, struct err *err)
{
	struct why_outer *grown = array_grow(item->outer, item->outers, sizeof(*grown));
	struct why_outer found = {outer->layer, outer->counted_in, outer->source, {0, 0, 0}};
	struct pairs p = {.source = source};
	int rc;

	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for the layers around");
	item->outer = grown;
	rc = pairs_make(&p, child, outer, err);
	if (rc == 0)
		found.factor = factor_of(&p, child, outer);
	if (rc == 0 && !isnan(found.factor.mid))
		item->outer[item->outers++] = found;
	pairs_release(&p);
	return rc;
}

int why_find_outer(const struct why *w, struct why_item *item, struct err *err)
{
	const struct summary_entry *e = item->entry;
	uint32_t layer = summary_parent(w->s, e->layer);

	for (; layer < w->s->layers && layer > 0; layer = summary_parent(w->s, layer))
		for (int i = 0; i < SOURCES; i++) {
			const struct exit_series *child =
				exit_counts_find(&w->counts, e->workload, e->params, e->threads,
						 e->layer, e->layer, sources[i]);
			const struct exit_series *outer =
				exit_counts_find(&w->counts, e->workload, e->params, e->threads,
						 e->layer, layer, sources[i]);

			if (!exits(child, i) || !outer)
				continue;
			if (add_outer(item, i, child, outer, err) < 0)
				return -1;
			break;
		}
	return 0;
}
