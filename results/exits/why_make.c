/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/str.h"
#include "results/exits/why_parts.h"
#include "results/summary/summary_parts.h"

/* Of 4-level page tables. */
enum { TABLE_LEVELS = 4 };

/* Little else exits. */
#define FAULTS_OF_ALL 0.8

#define NOTHING ((struct estimate){0, 0, 0})

/* By reason first; then what is counted for kinds that are no VM; statistics are coarse. */
static const char *const sources[] = {"kvm_exit", "xen", "perf", "kvm_stats", NULL};

/* Statistics are not reasons: one exit is in several of them. */
static bool is_by_reason(const struct why_item *item)
{
	return strcmp(item->series->source, "kvm_exit") == 0 ||
	       strcmp(item->series->source, "xen") == 0;
}

static const struct exit_series *find_series(const struct why *w, const struct summary_entry *e)
{
	const struct exit_series *found = NULL;

	for (size_t i = 0; sources[i] && !found; i++)
		found = exit_counts_find(&w->counts, e->workload, e->params, e->threads, e->layer,
					 e->layer, sources[i]);
	return found;
}

/* Time of an operation in this layer beyond the parent layer, in each round that both have. */
static int find_extra(struct why_item *item, struct estimator *est, struct err *err)
{
	const struct summary_entry *e = item->entry;
	struct series differences = {0};
	int rc = 0;

	item->extra_ns = ESTIMATE_NONE;
	if (!item->parent || e->flags & FLAG_DIGEST)
		return 0;
	for (size_t i = 0; i < e->cells && rc == 0; i++) {
		double parent = cell_cost(item->parent, e->cell[i].boot, e->cell[i].round);

		if (parent > 0)
			rc = series_add(&differences, e->cell[i].boot, e->cell[i].cost - parent,
					err);
	}
	if (rc == 0)
		rc = estimate_median(est, &differences, &item->extra_ns, err);
	series_release(&differences);
	return rc;
}

/* Of a reason by the second: what happens while one operation takes its time. */
static struct estimate count_per_op(const struct why_item *item, const struct exit_metric *m)
{
	double seconds = item->entry->cost.mid * 1e-9;

	if (m->class != EXIT_PER_SECOND)
		return m->per_op;
	return (struct estimate){m->per_second.mid * seconds, m->per_second.low * seconds,
				 m->per_second.high * seconds};
}

/* What is not resolved counts where its interval says that it is there. */
static bool counts(const struct exit_metric *m)
{
	return m->class == EXIT_PER_SECOND ? m->per_second.mid > 0 : m->per_op.low > 0;
}

bool why_part_moved(const struct why_part *p)
{
	return p->per_op.mid > 0 || p->nested.mid > 0;
}

/* What is left of its count when these are counted elsewhere. */
static struct estimate count_without(const struct why_part *p, double others)
{
	struct estimate own = p->per_op;

	if (p->metric->class == EXIT_PER_SECOND)
		return own;
	own.mid -= others;
	own.low -= others;
	own.high -= others;
	return own.low > 0 ? own : NOTHING;
}

static const struct exit_metric *find_metric(const struct why *w, const struct summary_entry *e,
					     const char *source, const char *reason)
{
	const struct exit_series *s = exit_counts_find(&w->counts, e->workload, e->params,
						       e->threads, e->layer, e->layer, source);

	return s ? exit_series_find(s, reason) : NULL;
}

static void find_nested(const struct why *w, const struct summary_entry *e, struct why_part *p)
{
	const struct exit_metric *m = find_metric(w, e, "kvm_nested_vmexit", p->metric->reason);

	p->nested = m && m->per_op.mid > 0 ? m->per_op : NOTHING;
	if (p->nested.mid > 0)
		p->per_op = count_without(p, p->nested.mid);
}

static struct why_part *add_part(struct why_item *item, const struct exit_metric *m)
{
	struct why_part *p = &item->part[item->parts++];

	*p = (struct why_part){.metric = m,
			       .per_op = counts(m) ? count_per_op(item, m) : NOTHING,
			       .ns = ESTIMATE_NONE};
	return p;
}

static struct why_part *find_part(struct why_item *item, const char *reason)
{
	for (size_t i = 0; i < item->parts; i++)
		if (strcmp(item->part[i].metric->reason, reason) == 0)
			return &item->part[i];
	return NULL;
}

/* Faults at a device's registers: see why.h. */
static void split_mmio(const struct why *w, struct why_item *item)
{
	static const char *const faults[] = {"EPT_MISCONFIG", "npf", "EPT_VIOLATION", NULL};
	const struct exit_metric *mmio = find_metric(w, item->entry, "kvm_stats", "mmio_exits");
	double left;

	if (!mmio || mmio->class == EXIT_PER_SECOND || !counts(mmio))
		return;
	left = mmio->per_op.mid;
	for (size_t i = 0; faults[i]; i++) {
		struct why_part *p = find_part(item, faults[i]);
		double some = p ? fmin(left, p->per_op.mid) : 0;

		if (some > 0 && p->metric->class != EXIT_PER_SECOND) {
			p->per_op = count_without(p, some);
			left -= some;
		}
	}
	add_part(item, mmio);
}

static int add_parts(const struct why *w, struct why_item *item, struct err *err)
{
	const struct exit_series *s = item->series;

	item->part = calloc(s->metrics + 1, sizeof(*item->part));
	if (!item->part)
		return err_set(err, EXIT_INTERNAL, "out of memory for the reasons of exits");
	for (size_t i = 0; i < s->metrics; i++) {
		struct why_part *p;

		if (s->metric[i].total == 0 || s->metric[i].is_sum)
			continue;
		p = add_part(item, &s->metric[i]);
		if (is_by_reason(item))
			find_nested(w, item->entry, p);
	}
	if (is_by_reason(item))
		split_mmio(w, item);
	return 0;
}

static int add_item(struct why *w, const struct summary_entry *e, struct estimator *est,
		    struct err *err)
{
	const struct exit_series *series = summary_is_size(e) ? NULL : find_series(w, e);
	uint32_t parent = summary_parent(w->s, e->layer);
	struct why_item *item = series ? array_grow(w->item, w->items, sizeof(*item)) : NULL;

	if (!series)
		return 0;
	if (!item)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu explanations", w->items);
	w->item = item;
	item += w->items++;
	*item = (struct why_item){.entry = e, .series = series, .fault_known = NAN};
	if (parent < w->s->layers)
		item->parent = summary_find(w->s, e->workload, e->params, e->threads, parent);
	if (item->parent && !summary_has_cost(item->parent))
		item->parent = NULL;
	return find_extra(item, est, err) < 0 ? -1 : add_parts(w, item, err);
}

static double weight(const struct why_part *p)
{
	return isnan(p->ns.mid) ? -1 : p->ns.mid;
}

static int compare_parts(const void *left, const void *right)
{
	const struct why_part *a = left, *b = right;

	if (weight(a) != weight(b))
		return weight(a) < weight(b) ? 1 : -1;
	if (a->per_op.mid != b->per_op.mid)
		return a->per_op.mid < b->per_op.mid ? 1 : -1;
	return strcmp(a->metric->reason, b->metric->reason);
}

/* Whether a price that is used here holds that of this reason as well: "hlt, interrupt". */
static bool is_included(const struct why *w, const struct why_item *item, const char *reason)
{
	size_t len = strlen(reason);

	for (size_t i = 0; i < item->parts; i++) {
		const struct why_part *p = &item->part[i];
		const struct why_price *price =
			p->per_op.mid > 0 ? why_find_price(w, item->entry->layer, p->metric->reason)
					  : NULL;
		const char *at = price ? price->with : "";

		for (; (at = strstr(at, reason)); at += len)
			if ((at == price->with || at[-1] == ' ') && (!at[len] || at[len] == ','))
				return true;
	}
	return false;
}

enum { NAMED = 4 };

/* Less of the time than this is not worth a word. */
#define WORTH_A_WORD 0.02

/* Whether a price of its own would tell more. */
static bool lacks_price(const struct why_item *item, const struct why_part *p)
{
	if (!(p->per_op.mid > 0) || p->is_included || (p->price && !p->is_least))
		return false;
	return !p->price || p->ns.mid >= WORTH_A_WORD * item->extra_ns.mid;
}

/* What no exit explains. */
static const char *rest_of(const char *class)
{
	if (strcmp(class, "io") == 0 || strcmp(class, "net") == 0)
		return "the rest is no exit: the parent layer's own work for the device, and "
		       "waiting for it";
	return "the rest is no exit: the same instructions take longer, as by walks of nested "
	       "page tables";
}

/* Reasons without a price of their own, most time first. */
static void say_unpriced(struct why_item *item)
{
	const struct why_price *least = NULL;
	size_t missing = 0;

	for (size_t i = 0; i < item->parts; i++) {
		const struct why_part *p = &item->part[i];

		if (!lacks_price(item, p))
			continue;
		if (missing < NAMED)
			buf_addf(&item->missing, "%s%s (%.3g)",
				 missing ? ", " : "no own price for ", p->metric->reason,
				 p->per_op.mid);
		least = p->price;
		missing++;
	}
	if (missing > NAMED)
		buf_addf(&item->missing, " and %zu more", missing - NAMED);
	if (least)
		buf_addf(&item->missing, ": taken at that of %s, the lowest", least->reason);
	if (item->share.mid < WHY_EXPLAINED && (least || !missing))
		buf_addf(&item->missing, "%s%s", missing ? "; " : "", rest_of(item->entry->class));
}

static void say_missing(struct why_item *item)
{
	if (isnan(item->extra_ns.mid))
		buf_addstr(&item->missing, item->parent ? "the layers did different work"
							: "it has no time in the parent layer");
	else if (!is_by_reason(item))
		buf_addf(&item->missing, "what %s counts has no price: exits by reason have",
			 item->series->source);
	else
		say_unpriced(item);
}

/* Exits of the parent layer for one page fault, where little else exits. */
static double fault_of(const struct why *w, const struct why_item *item)
{
	uint32_t parent = summary_parent(w->s, item->entry->layer);
	const char *paging = layers_first(&w->s->facts, parent, "npt_ept");
	double faults = 0, all = 0;
	size_t len = paging ? strlen(paging) : 0;

	if (item->outers == 0)
		return NAN;
	for (size_t i = 0; i < item->parts; i++) {
		const struct why_part *p = &item->part[i];

		if (p->metric->class != EXIT_PROPORTIONAL)
			continue;
		all += p->per_op.mid;
		if (strcmp(p->metric->reason, "npf") == 0 ||
		    strcmp(p->metric->reason, "EPT_VIOLATION") == 0)
			faults += p->per_op.mid;
	}
	if (!(faults > FAULTS_OF_ALL * all) || !len)
		return NAN;
	if (strcmp(paging + len - (len < 3 ? len : 3), " on") == 0)
		return TABLE_LEVELS + 3;
	return strstr(paging, " off") ? 2 * TABLE_LEVELS + 4 : NAN;
}

static struct estimate never_below_zero(struct estimate e)
{
	if (e.low < 0)
		e.low = 0;
	return e;
}

bool why_costs_more(const struct why_item *item)
{
	return item->extra_ns.mid > 0 && !(item->extra_ns.low <= 0);
}

static void predict(struct why_item *item)
{
	double measured = item->entry->cost.mid;

	item->explained_ns = item->share = ESTIMATE_NONE;
	item->predicted = NAN;
	if (isnan(item->extra_ns.mid))
		return;
	if (!is_by_reason(item))
		return;
	item->explained_ns = NOTHING;
	for (size_t i = 0; i < item->parts; i++)
		if (item->part[i].price)
			item->explained_ns = why_sum(&item->explained_ns, &item->part[i].ns, 1);
	item->predicted = (item->parent->cost.mid + item->explained_ns.mid) / measured;
	if (why_costs_more(item))
		item->share = never_below_zero(why_quotient(&item->explained_ns, &item->extra_ns));
	item->is_explained =
		item->share.mid >= WHY_EXPLAINED && fabs(item->predicted - 1) <= WHY_NEAR;
}

static const struct why_price *lowest_price(const struct why *w, uint32_t layer)
{
	const struct why_price *least = NULL;

	for (size_t i = 0; i < w->prices; i++)
		if (w->price[i].layer == layer && (!least || w->price[i].ns.mid < least->ns.mid))
			least = &w->price[i];
	return least;
}

static void find_cost(const struct why *w, const struct why_item *item, struct why_part *p)
{
	if (p->nested.mid > 0 && !(p->per_op.mid > 0)) {
		p->is_included = true;
		return;
	}
	p->price = why_find_price(w, item->entry->layer, p->metric->reason);
	if (!p->price) {
		p->is_included = is_included(w, item, p->metric->reason);
		p->is_least = !p->is_included;
		p->price = p->is_least ? lowest_price(w, item->entry->layer) : NULL;
	}
	if (p->price)
		p->ns = why_product(&p->per_op, &p->price->ns);
}

static int explain(struct why *w, struct why_item *item, struct err *err)
{
	for (size_t i = 0; i < item->parts && is_by_reason(item); i++)
		find_cost(w, item, &item->part[i]);
	qsort(item->part, item->parts, sizeof(*item->part), compare_parts);
	predict(item);
	say_missing(item);
	if (why_find_outer(w, item, err) < 0)
		return -1;
	item->fault_known = fault_of(w, item);
	return buf_check(&item->missing, err);
}

bool why_is_counted(const struct summary *s)
{
	char path[RUNDIR_PATH];
	struct err ignored;

	return rundir_path(s->dir, EXITS_FILE, path, &ignored) == 0 && access(path, F_OK) == 0;
}

int why_make(const struct summary *s, struct why *w, struct err *err)
{
	const char *run = s->manifest.run[0] ? s->manifest.run : NULL;
	struct estimator est = {.seed = s->manifest.seed};
	int rc;

	*w = (struct why){.s = s};
	rc = exit_counts_load(s->dir, run, &w->counts, err);
	if (rc == 0)
		rc = memory_path_make(s->dir, run, &w->counts, &w->memory, err);
	for (uint32_t layer = 1; layer < s->layers; layer++)
		for (size_t i = 0; i < s->entries && rc == 0; i++)
			if (s->entry[i].layer == layer && summary_has_cost(&s->entry[i]))
				rc = add_item(w, &s->entry[i], &est, err);
	if (rc == 0)
		rc = why_find_prices(w, err);
	for (size_t i = 0; i < w->items && rc == 0; i++)
		rc = explain(w, &w->item[i], err);
	estimator_release(&est);
	if (rc < 0)
		why_release(w);
	return rc;
}

void why_release(struct why *w)
{
	for (size_t i = 0; i < w->items; i++) {
		free(w->item[i].part);
		free(w->item[i].outer);
		buf_release(&w->item[i].missing);
	}
	free(w->item);
	free(w->price);
	memory_path_release(&w->memory);
	exit_counts_release(&w->counts);
	*w = (struct why){0};
}

bool why_shows_work(const struct why_filter *f, const char *workload, uint32_t layer)
{
	return str_fits_any(workload, f->workloads) &&
	       (f->layer == LAYER_NO_PARENT || f->layer == layer);
}

bool why_shows(const struct why_filter *f, const struct why_item *item)
{
	return why_shows_work(f, item->entry->workload, item->entry->layer);
}
