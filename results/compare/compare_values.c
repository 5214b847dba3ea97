/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One comparison: from the cells of summaries to a difference with its error. */
#include "lib/str.h"
#include "results/compare/compare_parts.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "results/summary/estimate.h"
#include "results/summary/summary_parts.h"

bool compare_is_wanted(const struct comparison *c, const char *workload)
{
	return str_fits_any(workload, c->options.workloads);
}

/* One side's values of one comparison. */
struct values {
	struct series rounds; /* the boots are numbered over all runs */
	double *unit;	      /* median of each boot */
	size_t units;
};

static void values_release(struct values *v)
{
	series_release(&v->rounds);
	free(v->unit);
	*v = (struct values){0};
}

static const struct summary_entry *find(const struct summary *s, const struct compare_item *item,
					uint32_t layer)
{
	return summary_find(s, item->workload, item->params, item->threads,
			    summary_layer_like(item->run, layer, s));
}

/* Adds one run: logarithms of the cost or of the factor, larger is worse. */
static int add_run(struct values *v, const struct summary *s, const struct compare_item *item,
		   uint32_t *boots, struct err *err)
{
	const struct summary_entry *e = find(s, item, item->layer);
	const struct summary_entry *over =
		item->over != item->layer ? find(s, item, item->over) : NULL;
	uint32_t last = 0;

	if (!e || (item->over != item->layer && (!over || (e->flags & FLAG_DIGEST))))
		return 0;
	for (size_t i = 0; i < e->cells; i++) {
		const struct summary_cell *cell = &e->cell[i];
		double base = over ? cell_cost(over, cell->boot, cell->round) : 1;

		if (cell->cost <= 0 || base <= 0)
			continue;
		*boots += cell->boot != last;
		last = cell->boot;
		if (series_add(&v->rounds, *boots, log_ratio(e, cell->cost, base), err) < 0)
			return -1;
	}
	return 0;
}

static int collect_values(struct values *v, const struct compare_side *side,
			  const struct compare_item *item, struct err *err)
{
	uint32_t boots = 0;

	for (size_t i = 0; i < side->runs; i++)
		if (add_run(v, &side->run[i], item, &boots, err) < 0)
			return -1;
	return series_boot_medians(&v->rounds, &v->unit, &v->units, err);
}

/* Back from the logarithm, which was negated for capacities. */
static double level_of(const struct compare_item *item, const struct values *v)
{
	double x = v->units ? exp(gsl_stats_mean(v->unit, 1, v->units)) : NAN;

	return strcmp(item->class, "capacity") == 0 && item->over == item->layer ? 1 / x : x;
}

/* With one boot on each side the blocks of rounds take the place of boots. */
static int test_values(struct compare_item *item, struct values *base, struct values *new,
		       struct err *err)
{
	struct two_sample *t = &item->test;
	double *a, *b;
	size_t na, nb;

	item->one_boot = base->units == 1 && new->units == 1;
	*t = two_sample_compare(base->unit, base->units, new->unit, new->units);
	if (!item->one_boot)
		return 0;
	a = calloc(base->rounds.n, sizeof(*a));
	b = calloc(new->rounds.n, sizeof(*b));
	if (!a || !b) {
		free(a);
		free(b);
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	}
	na = block_medians(base->rounds.value, base->rounds.n, a);
	nb = block_medians(new->rounds.value, new->rounds.n, b);
	if (na && nb) {
		struct two_sample blocks = two_sample_compare(a, na, b, nb);

		t->error = blocks.error;
		t->freedom = blocks.freedom;
	}
	free(a);
	free(b);
	return 0;
}

static int add_missing(struct comparison *c, const struct compare_item *item, bool in_base,
		       struct err *err)
{
	const struct compare_side *without = in_base ? &c->new : &c->base;
	struct compare_missing *missing = array_grow(c->missing, c->missings, sizeof(*missing));

	if (!missing)
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	c->missing = missing;
	missing += c->missings++;
	*missing = (struct compare_missing){.item = *item, .in_base = in_base};
	for (size_t i = 0; i < without->runs; i++) {
		const struct summary_entry *e = find(&without->run[i], item, item->layer);

		if (!e)
			continue;
		missing->failed |= e->failed || e->timed_out;
		if (!missing->reason)
			missing->reason = e->reason;
	}
	return 0;
}

struct estimate compare_interval(const struct two_sample *t, double confidence)
{
	double half = two_sample_half_width(t, confidence);

	return estimate_exp(
		(struct estimate){t->difference, t->difference - half, t->difference + half});
}

int compare_measure(struct comparison *c, struct compare_item *item, struct err *err)
{
	struct values base = {0}, new = {0};
	int rc = -1;

	if (collect_values(&base, &c->base, item, err) < 0 ||
	    collect_values(&new, &c->new, item, err) < 0 || test_values(item, &base, &new, err) < 0)
		goto cleanup;
	item->base = level_of(item, &base);
	item->new = level_of(item, &new);
	item->base_boots = base.units;
	item->new_boots = new.units;
	item->base_rounds = base.rounds.n;
	item->new_rounds = new.rounds.n;
	item->ratio = compare_interval(&item->test, COMPARE_CONFIDENCE);
	item->p = two_sample_p(&item->test);
	rc = base.units && new.units;
	if (item->over == item->layer && !base.units != !new.units &&
	    add_missing(c, item, base.units > 0, err) < 0)
		rc = -1;
cleanup:
	values_release(&base);
	values_release(&new);
	return rc;
}
