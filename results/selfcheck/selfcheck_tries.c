/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tries: repeated comparisons of two works of a layer. */
#include "results/selfcheck/selfcheck_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/summary/summary_parts.h"

enum { LANES_MAX = 64 };

/* The ratios that the tries of two works found. */
struct tries {
	struct estimate *ratio;
	size_t n;
};

static uint32_t lane_of(const struct summary_entry *e)
{
	double lane = params_number(e->params, "lane", 1);

	return lane >= 1 && lane <= LANES_MAX ? (uint32_t)lane : 0;
}

static bool same_but_lane(const struct summary_entry *a, const struct summary_entry *b)
{
	static const char *const lane[] = {"lane", NULL};
	char left[ROW_PARAMS], right[ROW_PARAMS];

	return a->layer == b->layer && a->threads == b->threads &&
	       strcmp(a->workload, b->workload) == 0 &&
	       strcmp(params_without(a->params, lane, left, sizeof(left)),
		      params_without(b->params, lane, right, sizeof(right))) == 0;
}

/* Turns a complete try into an estimate; the series is empty afterwards. */
static int end_try(uint32_t rounds, struct estimator *est, struct series *series,
		   struct tries *tries, struct err *err)
{
	struct estimate e;
	int done = 0;

	if (series->n == rounds) {
		done = estimate_median(est, series, &e, err);
		tries->ratio[tries->n++] = estimate_exp(e);
	}
	series_clear(series);
	return done;
}

/* b against a: in every try the estimate that a run of as many rounds would give. */
static int make_tries(uint32_t rounds, const struct summary_entry *a, const struct summary_entry *b,
		      struct tries *tries, struct err *err)
{
	struct estimator est = {0};
	struct series series = {0};
	const struct summary_cell *last = NULL;
	int done = 0;

	*tries = (struct tries){.ratio = calloc(a->cells + 1, sizeof(*tries->ratio))};
	if (!tries->ratio)
		return err_set(err, EXIT_INTERNAL, "out of memory for the self-check");
	for (size_t i = 0; i < a->cells && done == 0; i++) {
		const struct summary_cell *cell = &a->cell[i];
		double other = cell_cost(b, cell->boot, cell->round);

		if (last && (last->boot != cell->boot ||
			     (last->round - 1) / rounds != (cell->round - 1) / rounds))
			done = end_try(rounds, &est, &series, tries, err);
		last = cell;
		/* All values of a try are of one boot. */
		if (done == 0 && cell->cost > 0 && other > 0)
			done = series_add(&series, 1, log_ratio(a, other, cell->cost), err);
	}
	if (done == 0)
		done = end_try(rounds, &est, &series, tries, err);
	series_release(&series);
	estimator_release(&est);
	return done;
}

static bool is_different(const struct estimate *e)
{
	return e->low > 1 || e->high < 1;
}

static bool is_beyond(const struct estimate *e)
{
	return is_different(e) && fabs(log(e->mid)) > log1p(SELFCHECK_THRESHOLD);
}

static void count(struct selfcheck_rate *rate, bool hit)
{
	rate->hits += hit;
	rate->n++;
}

struct selfcheck_rate selfcheck_rate(size_t hits, size_t n, double confidence)
{
	struct selfcheck_rate rate = {.hits = hits, .n = n};

	stats_share_interval(hits, n, confidence, &rate.low, &rate.high);
	return rate;
}

static void close_rate(struct selfcheck_rate *rate)
{
	*rate = selfcheck_rate(rate->hits, rate->n, 0.95);
}

/* ---- A/A ---- */

/* Counts the tries of one pair of lanes; widths grows by one value each. */
static int count_pair(struct selfcheck *s, struct selfcheck_alarms *a,
		      const struct summary_entry *left, const struct summary_entry *right,
		      struct series *widths, struct err *err)
{
	struct tries tries;
	int done = make_tries(s->rounds, left, right, &tries, err);

	s->tries = tries.n > s->tries ? tries.n : s->tries;
	for (size_t i = 0; i < tries.n && done == 0; i++) {
		const struct estimate *e = &tries.ratio[i];

		count(&a->different, is_different(e));
		count(&a->beyond, is_beyond(e));
		done = series_add(widths, 1, log(e->high / e->low) / 2, err);
	}
	free(tries.ratio);
	return done;
}

/* All lanes of the work whose lane 1 is the entry. */
static int find_work(struct selfcheck *s, const struct summary_entry *first, struct err *err)
{
	const struct summary_entry *lane[LANES_MAX + 2] = {NULL};
	struct selfcheck_alarms *a = &s->alarms[s->works];
	struct series widths = {0};
	bool paired = false;
	int done = 0;

	*a = (struct selfcheck_alarms){.workload = first->workload,
				       .params = first->params,
				       .threads = first->threads,
				       .layer = first->layer,
				       .width = NAN};
	for (size_t i = 0; i < s->summary.entries; i++)
		if (same_but_lane(first, &s->summary.entry[i]))
			lane[lane_of(&s->summary.entry[i])] = &s->summary.entry[i];
	for (uint32_t i = 1; i < LANES_MAX && done == 0; i += 2)
		if (lane[i] && lane[i + 1]) {
			done = count_pair(s, a, lane[i], lane[i + 1], &widths, err);
			paired = true;
		}
	if (widths.n)
		a->width = stats_median_of(widths.value, widths.n);
	s->works += paired;
	series_release(&widths);
	return done;
}

int selfcheck_find_alarms(struct selfcheck *s, struct err *err)
{
	s->alarms = calloc(s->summary.entries + 1, sizeof(*s->alarms));
	if (!s->alarms)
		return err_set(err, EXIT_INTERNAL, "out of memory for the self-check");
	for (size_t i = 0; i < s->summary.entries; i++)
		if (lane_of(&s->summary.entry[i]) == 1 &&
		    find_work(s, &s->summary.entry[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->works; i++) {
		struct selfcheck_alarms *a = &s->alarms[i];
		double confidence = 1 - 0.05 / (double)s->works;

		s->different.hits += a->different.hits;
		s->different.n += a->different.n;
		s->beyond.hits += a->beyond.hits;
		s->beyond.n += a->beyond.n;
		a->too_many = selfcheck_rate(a->different.hits, a->different.n, confidence).low >
			      SELFCHECK_NOMINAL;
		close_rate(&a->different);
		close_rate(&a->beyond);
	}
	close_rate(&s->different);
	close_rate(&s->beyond);
	return 0;
}

/* ---- injection ---- */

static bool is_injection(const struct summary_entry *e, struct selfcheck_injection *inj)
{
	double slow = params_number(e->params, "slow", NAN);

	*inj = (struct selfcheck_injection){.layer = e->layer, .size = ESTIMATE_NONE};
	if (strcmp(e->workload, "inject") != 0 || lane_of(e) != 1 || !(slow >= 0 && slow <= 100) ||
	    !params_get(e->params, "kind", inj->kind))
		return false;
	inj->slow = (uint32_t)slow;
	return true;
}

/* slow=0 of the same kind and layer; NULL: there is none. */
static const struct summary_entry *find_base(const struct selfcheck *s,
					     const struct selfcheck_injection *inj)
{
	struct selfcheck_injection other;

	for (size_t i = 0; i < s->summary.entries; i++)
		if (is_injection(&s->summary.entry[i], &other) && other.slow == 0 &&
		    other.layer == inj->layer && strcmp(other.kind, inj->kind) == 0)
			return &s->summary.entry[i];
	return NULL;
}

static int find_size(struct selfcheck *s, struct selfcheck_injection *inj,
		     const struct summary_entry *base, const struct summary_entry *slow,
		     struct err *err)
{
	struct estimator est = {0};
	struct series sizes = {0};
	double truth = 1 + inj->slow / 100.0;
	struct tries tries;
	int done = make_tries(s->rounds, base, slow, &tries, err);

	s->tries = tries.n > s->tries ? tries.n : s->tries;
	for (size_t i = 0; i < tries.n && done == 0; i++) {
		const struct estimate *e = &tries.ratio[i];

		count(&inj->different, is_different(e));
		count(&inj->found, is_beyond(e) && e->mid > 1);
		count(&inj->holds, e->low <= truth && truth <= e->high);
		done = series_add(&sizes, 1, log(e->mid), err);
	}
	if (done == 0)
		done = estimate_median(&est, &sizes, &inj->size, err);
	inj->size = estimate_exp(inj->size);
	close_rate(&inj->different);
	close_rate(&inj->found);
	close_rate(&inj->holds);
	free(tries.ratio);
	series_release(&sizes);
	estimator_release(&est);
	return done;
}

static int compare_injections(const void *left, const void *right)
{
	const struct selfcheck_injection *a = left, *b = right;
	int order = strcmp(a->kind, b->kind);

	if (order)
		return order;
	if (a->layer != b->layer)
		return a->layer < b->layer ? -1 : 1;
	return (a->slow > b->slow) - (a->slow < b->slow);
}

int selfcheck_find_injections(struct selfcheck *s, struct err *err)
{
	s->injection = calloc(s->summary.entries + 1, sizeof(*s->injection));
	if (!s->injection)
		return err_set(err, EXIT_INTERNAL, "out of memory for the self-check");
	for (size_t i = 0; i < s->summary.entries; i++) {
		struct selfcheck_injection *inj = &s->injection[s->injections];
		const struct summary_entry *base;

		if (!is_injection(&s->summary.entry[i], inj) || inj->slow == 0)
			continue;
		base = find_base(s, inj);
		if (base && find_size(s, inj, base, &s->summary.entry[i], err) < 0)
			return -1;
		s->injections += base != NULL;
	}
	if (s->injections)
		qsort(s->injection, s->injections, sizeof(*s->injection), compare_injections);
	for (size_t i = 0; i < s->injections; i++) {
		const struct selfcheck_rate *h = &s->injection[i].holds;
		double confidence = 1 - 0.05 / (double)s->injections;

		s->injection[i].wrong_size =
			selfcheck_rate(h->hits, h->n, confidence).high < 1 - SELFCHECK_NOMINAL;
	}
	return 0;
}
