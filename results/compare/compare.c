/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/compare/compare_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"

static const double LEVEL_MIN = 1e-9;

static int add_item(struct comparison *c, const struct summary *run, const struct summary_entry *e,
		    uint32_t over, struct err *err)
{
	struct compare_item *item = array_grow(c->item, c->items, sizeof(*item));
	int both;

	if (!item)
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	c->item = item;
	item += c->items;
	*item = (struct compare_item){.workload = e->workload,
				      .class = e->class,
				      .params = e->params,
				      .threads = e->threads,
				      .run = run,
				      .layer = e->layer,
				      .over = over,
				      .unit = over == e->layer ? e->unit : "ratio"};
	if (run->is_tree) {
		item->layer_name = summary_layer_name(run, e->layer);
		item->over_name = summary_layer_name(run, over);
	}
	both = compare_measure(c, item, err);
	c->items += both > 0;
	return both < 0 ? -1 : 0;
}

/* The cost in a layer, and its factors to L0 and to the parent layer. */
static int add_items(struct comparison *c, const struct summary *run, const struct summary_entry *e,
		     struct err *err)
{
	uint32_t parent = summary_parent(run, e->layer);
	bool in_l0 = e->layer && layer_tree_is_in(&run->tree, e->layer, 0);

	if (!compare_is_wanted(c, e->workload))
		return 0;
	if (add_item(c, run, e, e->layer, err) < 0)
		return -1;
	if (parent != LAYER_NO_PARENT && parent > 0 && add_item(c, run, e, parent, err) < 0)
		return -1;
	return in_l0 ? add_item(c, run, e, 0, err) : 0;
}

/* Whether another run has this entry of `run`. */
static bool has(const struct summary *other, const struct summary *run,
		const struct summary_entry *e)
{
	return summary_find(other, e->workload, e->params, e->threads,
			    summary_layer_like(run, e->layer, other)) != NULL;
}

/* Whether an earlier run has an entry with these keys. */
static bool known_before(const struct comparison *c, bool in_new, size_t run,
			 const struct summary_entry *e)
{
	const struct summary *of = in_new ? &c->new.run[run] : &c->base.run[run];

	for (size_t i = 0; i < (in_new ? c->base.runs : run); i++)
		if (has(&c->base.run[i], of, e))
			return true;
	for (size_t i = 0; in_new && i < run; i++)
		if (has(&c->new.run[i], of, e))
			return true;
	return false;
}

static int add_side(struct comparison *c, bool is_new, struct err *err)
{
	const struct compare_side *side = is_new ? &c->new : &c->base;

	for (size_t r = 0; r < side->runs; r++)
		for (size_t i = 0; i < side->run[r].entries; i++) {
			const struct summary_entry *e = &side->run[r].entry[i];

			if (!known_before(c, is_new, r, e) &&
			    add_items(c, &side->run[r], e, err) < 0)
				return -1;
		}
	return 0;
}

/* Corrections and verdicts */

static enum change judge(const struct compare_item *item, const struct compare_options *o)
{
	double limit = log1p(item->reason ? COMPARE_EXITS_SAME : o->same);
	double level = item->reason ? COMPARE_EXITS_LEVEL : 1 - COMPARE_CONFIDENCE;
	double least = item->reason && item->one_boot ? log1p(COMPARE_EXITS_COARSE) : limit;

	if (item->p <= level && fabs(log(item->ratio.mid)) > least)
		return item->ratio.mid > 1 ? CHANGE_WORSE : CHANGE_BETTER;
	if (log(item->joint.low) >= -limit && log(item->joint.high) <= limit)
		return CHANGE_SAME;
	return CHANGE_NOT_RESOLVED;
}

/* Of one family. */
static int correct(struct compare_item *items, size_t count, const struct compare_options *o,
		   struct err *err)
{
	double *p = calloc(count + 1, sizeof(*p));
	size_t *work = calloc(count + 1, sizeof(*work));
	double level = fmax(LEVEL_MIN, (1 - COMPARE_CONFIDENCE) / (double)(count + !count));

	if (!p || !work) {
		free(p);
		free(work);
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	}
	for (size_t i = 0; i < count; i++)
		p[i] = items[i].p;
	holm_correct(p, count, work);
	for (size_t i = 0; i < count; i++) {
		struct compare_item *item = &items[i];

		item->p = p[i];
		item->joint = item->reason ? compare_exits_interval(item, 1 - level)
					   : compare_interval(&item->test, 1 - level);
		item->change = judge(item, o);
	}
	free(p);
	free(work);
	return 0;
}

/* Certain and large changes come first: by verdict, then by the end of the interval that is nearer
 * to no change; without one, by the estimate. */
static int compare_order(const void *left, const void *right)
{
	const struct compare_item *a = left, *b = right;
	double x, y;
	int order;

	if (a->change != b->change)
		return (int)a->change - (int)b->change;
	x = a->change == CHANGE_WORSE ? a->ratio.low : fabs(log(a->ratio.mid));
	y = b->change == CHANGE_WORSE ? b->ratio.low : fabs(log(b->ratio.mid));
	if (x != y)
		return x > y ? -1 : 1;
	if (strcmp(a->workload, b->workload) != 0)
		return strcmp(a->workload, b->workload);
	if (strcmp(a->params, b->params) != 0)
		return strcmp(a->params, b->params);
	if (a->threads != b->threads)
		return a->threads < b->threads ? -1 : 1;
	if (a->layer != b->layer || !a->reason)
		return a->layer != b->layer ? (int)a->layer - (int)b->layer
					    : (int)a->over - (int)b->over;
	if (a->measured != b->measured)
		return (int)a->measured - (int)b->measured;
	order = strcmp(a->source, b->source);
	return order ? order : strcmp(a->reason, b->reason);
}

/* Reading */

static int read_side(struct compare_side *side, const char *const *dirs, struct err *err)
{
	size_t count = 0;

	while (dirs[count])
		count++;
	side->run = calloc(count + 1, sizeof(*side->run));
	if (!side->run)
		return err_set(err, EXIT_INTERNAL, "out of memory for a comparison");
	for (; side->runs < count; side->runs++)
		if (summary_build(dirs[side->runs], &side->run[side->runs], err) < 0)
			return -1;
	return 0;
}

/* All runs must be comparable to the first one of the base. */
static int check_stacks(const char *first, const char *const *others, struct err *err)
{
	for (; *others; others++) {
		struct env_differences d;
		int rc = env_compare(first, *others, &d, err);

		if (rc == 0 && env_refuse(&d, err) < 0)
			rc = err_context(err, "%s (BASE) and %s (NEW)", first, *others);
		env_differences_release(&d);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int compare_runs(const char *const *base, const char *const *new,
		 const struct compare_options *options, bool force, struct comparison *c,
		 struct err *err)
{
	int rc = -1;

	*c = (struct comparison){0};
	c->options = *options;
	if (env_compare(base[0], new[0], &c->env, err) < 0)
		return -1;
	if (!force &&
	    (check_stacks(base[0], base + 1, err) < 0 || check_stacks(base[0], new, err) < 0))
		goto cleanup;
	if (read_side(&c->base, base, err) < 0 || read_side(&c->new, new, err) < 0 ||
	    add_side(c, false, err) < 0 || add_side(c, true, err) < 0 ||
	    compare_exits(c, err) < 0 || correct(c->item, c->items, options, err) < 0 ||
	    correct(c->exit, c->exits, options, err) < 0)
		goto cleanup;
	if (c->items)
		qsort(c->item, c->items, sizeof(*c->item), compare_order);
	if (c->exits)
		qsort(c->exit, c->exits, sizeof(*c->exit), compare_order);
	rc = 0;
cleanup:
	if (rc < 0)
		comparison_release(c);
	return rc;
}

int compare_distinct(const struct comparison *c, struct err *err)
{
	struct err why;
	int rc = 0;

	for (size_t i = 0; i < c->base.runs && rc == 0; i++)
		rc = summary_distinct(c->base.run, i, &c->base.run[i], &why);
	for (size_t i = 0; i < c->new.runs &&rc == 0; i++)
		if ((rc = summary_distinct(c->base.run, c->base.runs, &c->new.run[i], &why)) == 0)
			rc = summary_distinct(c->new.run, i, &c->new.run[i], &why);
	return rc == 0 ? 0 : err_set(err, why.code, "%s; --force compares them anyway", why.text);
}

size_t compare_count_missing(const struct comparison *c, bool in_base)
{
	size_t count = 0;

	for (size_t i = 0; i < c->missings; i++)
		count += c->missing[i].in_base == in_base;
	return count;
}

static void side_release(struct compare_side *side)
{
	for (size_t i = 0; i < side->runs; i++)
		summary_release(&side->run[i]);
	for (size_t i = 0; side->exits && i < side->runs; i++)
		exit_counts_release(&side->exits[i]);
	free(side->run);
	free(side->exits);
}

void comparison_release(struct comparison *c)
{
	side_release(&c->base);
	side_release(&c->new);
	env_differences_release(&c->env);
	free(c->item);
	free(c->missing);
	free(c->exit);
	free(c->refused);
	*c = (struct comparison){0};
}
