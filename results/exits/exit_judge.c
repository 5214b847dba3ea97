/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/exits/exit_parts.h"

/* Arrays for one series at a time, as long as its batches. */
struct work {
	double *excess, *ops, *seconds;
	size_t n;
};

static int work_fit(struct work *w, size_t n, struct err *err)
{
	double *grown = n > w->n ? realloc(w->excess, 3 * n * sizeof(*grown)) : w->excess;

	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for the counts of %zu batches",
			       n);
	w->n = n > w->n ? n : w->n;
	w->excess = grown;
	w->ops = grown + w->n;
	w->seconds = grown + 2 * w->n;
	return 0;
}

static void work_fill(struct work *w, const struct exit_series *s)
{
	for (size_t i = 0; i < s->batches; i++) {
		w->ops[i] = (double)s->batch[i].ops;
		w->seconds[i] = (double)s->batch[i].interval_ns * 1e-9;
	}
}

/* What is left of each count. */
static void take_off(struct work *w, const struct exit_series *s, const struct exit_metric *m,
		     double each, double per_second)
{
	for (size_t i = 0; i < s->batches; i++)
		w->excess[i] = (double)m->count[i] - each * (double)s->batch[i].batches -
			       per_second * w->seconds[i];
}

static struct estimate estimate(const struct work *w, const struct exit_series *s,
				const struct exit_metric *m, const double *below)
{
	struct exit_ratio r = {s->batch, s->batches, w->excess, below, (double)m->total};

	return exit_ratio_estimate(&r);
}

/* Whether a series is of the background of another one: counted as that one was. */
static bool is_background_of(const struct exit_series *s, const struct exit_series *of)
{
	return exit_series_is_background(s) && s->measured == of->measured &&
	       s->layer == of->layer && s->counted_in == of->counted_in &&
	       strcmp(s->source, of->source) == 0;
}

static size_t background_batches(const struct exit_counts *c, const struct exit_series *of)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		if (is_background_of(&c->series[i], of))
			n += c->series[i].batches;
	return n;
}

static int find_background(const struct exit_counts *c, const struct exit_series *s,
			   struct exit_metric *m, struct work *w, struct err *err)
{
	size_t n = background_batches(c, s), at = 0;

	if (n == 0)
		return 0;
	if (work_fit(w, n, err) < 0)
		return -1;
	for (size_t i = 0; i < c->count; i++) {
		const struct exit_series *b = &c->series[i];
		const struct exit_metric *same = exit_series_find(b, m->reason);

		/* A counter that is not there did not move. */
		for (size_t k = 0; is_background_of(b, s) && k < b->batches; k++) {
			double batches = (double)b->batch[k].batches;

			w->seconds[at] = (double)b->batch[k].interval_ns * 1e-9 / batches;
			w->excess[at++] = same ? (double)same->count[k] / batches : 0;
		}
	}
	exit_background_fit(&m->background, w->seconds, w->excess, n);
	return 0;
}

struct decision {
	enum exit_class class;
	const char *why;
};

static bool happens_by_itself(const struct exit_metric *m)
{
	return m->background.per_second > exit_background_slope_half(&m->background);
}

/* Of a counter with an excess. */
static struct decision decide_by_time(const struct exit_metric *m, bool is_executed)
{
	if (m->elasticity.high < 0.5)
		return (struct decision){EXIT_PROPORTIONAL,
					 "the same per operation in batches of any duration"};
	if (m->elasticity.low > 0.5)
		return happens_by_itself(m) && !is_executed
			       ? (struct decision){EXIT_PER_SECOND,
						   "longer batches have more of it"}
			       : (struct decision){EXIT_NOT_RESOLVED,
						   "longer batches have more of it, though it does "
						   "not happen by itself"};
	if (is_executed)
		return (struct decision){EXIT_PROPORTIONAL,
					 "an instruction that the work executes"};
	return (struct decision){EXIT_NOT_RESOLVED,
				 "the batches are too few, or too alike in time, "
				 "to tell operations from time"};
}

static struct decision classify(const struct exit_series *s, const struct exit_metric *m)
{
	enum exit_nature nature = exit_nature_of(m->reason);

	if (nature == EXIT_BY_EVENT)
		return (struct decision){EXIT_PER_SECOND, exit_reason_refusal(m->reason)};
	if (exit_series_is_background(s))
		return (struct decision){EXIT_PER_SECOND, "while nothing but an empty loop runs"};
	if (m->per_op.low > 0)
		return decide_by_time(m, nature == EXIT_BY_INSTRUCTION);
	if (happens_by_itself(m))
		return (struct decision){EXIT_PER_SECOND,
					 "no more than happens by itself in that time"};
	return (struct decision){EXIT_NOT_RESOLVED,
				 "no excess over the empty batch that the interval confirms"};
}

static int judge_metric(const struct exit_counts *c, const struct exit_series *s,
			struct exit_metric *m, struct work *w, struct err *err)
{
	struct exit_background *b = &m->background;
	struct decision decision;
	struct exit_ratio r;
	double seconds = 0, ops = 0, batches = 0;

	if (!s->is_empty && find_background(c, s, m, w, err) < 0)
		return -1;
	if (work_fit(w, s->batches, err) < 0)
		return -1;
	work_fill(w, s);
	for (size_t i = 0; i < s->batches; i++) {
		seconds += w->seconds[i];
		ops += w->ops[i];
		batches += (double)s->batch[i].batches;
	}
	take_off(w, s, m, b->each, 0);
	m->per_second = estimate(w, s, m, w->seconds);
	exit_widen(&m->per_second, exit_background_half(b, 0) * batches / seconds);
	take_off(w, s, m, b->each, exit_series_is_background(s) ? 0 : b->per_second);
	m->per_op = estimate(w, s, m, w->ops);
	exit_widen(&m->per_op, exit_background_half(b, seconds / batches) * batches / ops);
	r = (struct exit_ratio){s->batch, s->batches, w->excess, w->ops, (double)m->total};
	m->elasticity = exit_elasticity(&r, w->seconds, exit_background_slope_half(b));
	decision = classify(s, m);
	m->class = decision.class;
	m->why = decision.why;
	return 0;
}

int exit_counts_judge(struct exit_counts *c, struct err *err)
{
	struct work w = {0};
	int rc = 0;

	for (size_t i = 0; i < c->count && rc == 0; i++)
		for (size_t k = 0; k < c->series[i].metrics && rc == 0; k++)
			rc = judge_metric(c, &c->series[i], &c->series[i].metric[k], &w, err);
	free(w.excess);
	return rc;
}
