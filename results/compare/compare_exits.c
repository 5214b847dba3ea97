/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exits per operation: which are compared, and the uncorrected tests. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/compare/compare_parts.h"
#include "results/stats/rates.h"

/* Of the half-width of a background: its standard error; and, of one that was never seen, Jeffreys'
 * √½ events in place of the limit of 3.69 events that the half-width is (exit_counts.h). */
#define OF_NORMAL 1.96
#define OF_UNSEEN (3.69 / 0.71)

/* The batches of one side. */
struct values {
	double *count, *ops; /* without the background */
	uint32_t *boot;	     /* numbered over all runs */
	size_t n, boots;
	double offset; /* square of what the background may be off, over all batches */
	/* What the runs say of the reason. */
	bool is_counted, is_proportional;
	const char *follows_time; /* why; NULL: it does not */
	double per_second;
};

static void values_release(struct values *v)
{
	free(v->count);
	free(v->ops);
	free(v->boot);
	*v = (struct values){0};
}

static int values_add(struct values *v, double count, double ops, uint32_t boot, struct err *err)
{
	double *counts = array_grow(v->count, v->n, sizeof(*counts));
	double *all_ops = array_grow(v->ops, v->n, sizeof(*all_ops));
	uint32_t *boots = array_grow(v->boot, v->n, sizeof(*boots));

	v->count = counts ? counts : v->count;
	v->ops = all_ops ? all_ops : v->ops;
	v->boot = boots ? boots : v->boot;
	if (!counts || !all_ops || !boots)
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	v->count[v->n] = count;
	v->ops[v->n] = ops;
	v->boot[v->n++] = boot;
	return 0;
}

static const struct exit_series *find(const struct summary *s, const struct exit_counts *c,
				      const struct compare_item *item)
{
	return exit_counts_find(c, item->workload, item->params, item->threads,
				summary_layer_like(item->run, item->measured, s),
				summary_layer_like(item->run, item->layer, s), item->source);
}

/* Of what is taken off a batch of that length. */
static double error_of(const struct exit_background *b, double seconds)
{
	bool seen = b->each > 0 || b->per_second > 0;

	return exit_background_half(b, seconds) / (seen ? OF_NORMAL : OF_UNSEEN);
}

/* A class per second without an excess only says that there is none. */
static void note_class(struct values *v, const struct exit_metric *m)
{
	const char *never = exit_reason_refusal(m->reason);

	v->is_proportional |= m->class == EXIT_PROPORTIONAL && !m->is_sum;
	if (m->class == EXIT_PER_SECOND && (never || m->per_op.low > 0)) {
		v->follows_time = m->why;
		v->per_second = fmax(v->per_second, m->per_second.mid);
	}
}

static int add_run(struct values *v, const struct exit_series *s, const char *reason,
		   struct err *err)
{
	static const struct exit_metric none = {.total = 0};
	const struct exit_metric *m = exit_series_find(s, reason);
	const struct exit_background *b = m ? &m->background : &none.background;
	uint32_t last = 0;
	double off = 0;

	v->is_counted = true;
	if (m)
		note_class(v, m);
	for (size_t i = 0; i < s->batches; i++) {
		double batches = (double)s->batch[i].batches;
		double seconds = (double)s->batch[i].interval_ns * 1e-9 / batches;

		v->boots += s->batch[i].boot != last;
		last = s->batch[i].boot;
		off += error_of(b, seconds) * batches;
		if (values_add(v, m ? exit_excess(s, m, i) : 0, (double)s->batch[i].ops,
			       (uint32_t)v->boots, err) < 0)
			return -1;
	}
	v->offset += off * off;
	return 0;
}

static int collect(struct values *v, const struct compare_side *side,
		   const struct compare_item *item, struct err *err)
{
	for (size_t i = 0; i < side->runs; i++) {
		const struct exit_series *s = find(&side->run[i], &side->exits[i], item);

		if (s && add_run(v, s, item->reason, err) < 0)
			return -1;
	}
	return 0;
}

static struct rate_side rate_side(const struct values *v)
{
	return (struct rate_side){v->count, v->ops, v->n,
				  v->n ? sqrt(v->offset) / (double)v->n : 0};
}

/* The rate of each boot. */
static double *boot_rates(const struct values *v, struct err *err)
{
	double *rate = calloc(v->boots + 1, sizeof(*rate));
	size_t at = 0;

	if (!rate) {
		err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
		return NULL;
	}
	for (size_t i = 0, end; i < v->n; i = end) {
		for (end = i; end < v->n && v->boot[end] == v->boot[i];)
			end++;
		rate[at++] =
			rate_of(&(struct rate_side){.count = v->count + i, v->ops + i, end - i, 0});
	}
	return rate;
}

static int compare_boots(struct compare_item *item, const struct values *base,
			 const struct values *new, struct err *err)
{
	double *a = boot_rates(base, err), *b = a ? boot_rates(new, err) : NULL;

	if (b)
		item->test = two_sample_compare(a, base->boots, b, new->boots);
	free(a);
	free(b);
	return b ? 0 : -1;
}

struct estimate compare_exits_interval(const struct compare_item *item, double confidence)
{
	double half = two_sample_half_width(&item->test, confidence);
	double low = item->test.difference - half, high = item->test.difference + half;

	if (item->base > 0)
		return (struct estimate){item->new / item->base, fmax(0, 1 + low / item->base),
					 1 + high / item->base};
	/* From none to some: beyond every ratio, or not at all. */
	return (struct estimate){item->new > 0 ? INFINITY : 1, low > 0 ? INFINITY : 0, INFINITY};
}

static int measure(struct compare_item *item, const struct values *base, const struct values *new,
		   struct err *err)
{
	const struct rate_side a = rate_side(base), b = rate_side(new);

	item->base = fmax(0, rate_of(&a));
	item->new = fmax(0, rate_of(&b));
	item->base_boots = base->boots;
	item->new_boots = new->boots;
	item->exact = rates_are_exact(&a, &b);
	item->one_boot = !item->exact && (base->boots < 2 || new->boots < 2);
	item->test = rates_compare(&a, &b);
	if (!item->exact && !item->one_boot && compare_boots(item, base, new, err) < 0)
		return -1;
	item->ratio = compare_exits_interval(item, COMPARE_CONFIDENCE);
	item->p = two_sample_p(&item->test);
	return 0;
}

static int refuse(struct comparison *c, const struct compare_item *item, const struct values *base,
		  const struct values *new, struct err *err)
{
	struct compare_refused *r = array_grow(c->refused, c->refuseds, sizeof(*r));

	if (!r)
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	c->refused = r;
	c->refused[c->refuseds++] = (struct compare_refused){
		*item, fmax(base->per_second, new->per_second),
		base->follows_time ? base->follows_time : new->follows_time};
	return 0;
}

static int add_item(struct comparison *c, struct compare_item *item, struct err *err)
{
	struct compare_item *grown;
	struct values base = {0}, new = {0};
	int rc = -1;

	if (collect(&base, &c->base, item, err) < 0 || collect(&new, &c->new, item, err) < 0)
		goto cleanup;
	rc = 0;
	if (!base.is_counted || !new.is_counted)
		goto cleanup;
	if (base.follows_time || new.follows_time) {
		rc = refuse(c, item, &base, &new, err);
	} else if (base.is_proportional || new.is_proportional) {
		grown = array_grow(c->exit, c->exits, sizeof(*grown));
		if (grown)
			c->exit = grown;
		rc = grown ? measure(item, &base, &new, err)
			   : err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
		if (rc == 0)
			c->exit[c->exits++] = *item;
	}
cleanup:
	values_release(&base);
	values_release(&new);
	return rc;
}

/* Whether one of the first `count` runs of a side has this counter. */
static bool any_has(const struct compare_side *side, size_t count, const struct compare_item *item)
{
	for (size_t i = 0; i < count; i++) {
		const struct exit_series *s = find(&side->run[i], &side->exits[i], item);

		if (s && exit_series_find(s, item->reason))
			return true;
	}
	return false;
}

static struct compare_item item_of(const struct summary *run, const struct exit_series *s,
				   const struct exit_metric *m)
{
	const struct summary_entry *e =
		summary_find(run, s->workload, s->params, s->threads, s->measured);
	struct compare_item item = {.workload = s->workload,
				    .class = e ? e->class : "",
				    .params = s->params,
				    .threads = s->threads,
				    .run = run,
				    .layer = s->layer,
				    .over = s->layer,
				    .measured = s->measured,
				    .unit = "exits/op",
				    .reason = m->reason,
				    .source = s->source};

	if (run->is_tree) {
		item.layer_name = item.over_name = summary_layer_name(run, s->layer);
		item.measured_name = summary_layer_name(run, s->measured);
	}
	return item;
}

static int add_series(struct comparison *c, bool is_new, size_t run, const struct exit_series *s,
		      struct err *err)
{
	const struct compare_side *side = is_new ? &c->new : &c->base;

	if (exit_series_is_background(s) || !compare_is_wanted(c, s->workload) ||
	    s->layer >= side->run[run].layers || s->measured >= side->run[run].layers)
		return 0;
	for (size_t i = 0; i < s->metrics; i++) {
		struct compare_item item = item_of(&side->run[run], s, &s->metric[i]);

		if (s->metric[i].is_sum || any_has(side, run, &item) ||
		    (is_new && any_has(&c->base, c->base.runs, &item)))
			continue;
		if (add_item(c, &item, err) < 0)
			return -1;
	}
	return 0;
}

static int read_side(struct compare_side *side, struct err *err)
{
	side->exits = calloc(side->runs + 1, sizeof(*side->exits));
	if (!side->exits)
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	for (size_t i = 0; i < side->runs; i++) {
		const char *run = side->run[i].manifest.run;
		struct err why;

		/* Times can be compared all the same. */
		if (exit_counts_load(side->run[i].dir, run[0] ? run : NULL, &side->exits[i], &why) <
		    0)
			csv_printable(why.text, side->uncounted, sizeof(side->uncounted));
		side->counted += side->exits[i].count > 0;
	}
	return 0;
}

int compare_exits(struct comparison *c, struct err *err)
{
	if (read_side(&c->base, err) < 0 || read_side(&c->new, err) < 0)
		return -1;
	for (int is_new = 0; is_new < 2; is_new++) {
		const struct compare_side *side = is_new ? &c->new : &c->base;

		for (size_t r = 0; r < side->runs; r++)
			for (size_t i = 0; i < side->exits[r].count; i++)
				if (add_series(c, is_new, r, &side->exits[r].series[i], err) < 0)
					return -1;
	}
	return 0;
}
