/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/str.h"
#include "results/exits/exit_parts.h"
#include "results/exits/why_parts.h"

/* Reasons that are rarer than this, against the most frequent, do not decide a price. */
#define RARE 0.05

/* A workload tells the price of a reason that is at least this part of its unknown exits. */
#define MOST_OF_ALL 0.5

/* Its count must be known this well. */
#define KNOWN_WITHIN 0.3

/* And this part of its time must be left when what is known is taken off. */
#define LEFT_OF_ALL 0.5

const struct why_price *why_find_price(const struct why *w, uint32_t layer, const char *reason)
{
	for (size_t i = 0; i < w->prices; i++)
		if (w->price[i].layer == layer && strcmp(w->price[i].reason, reason) == 0)
			return &w->price[i];
	return NULL;
}

/* 0: its work is little else than exits; 1: a control that is next to that; 2: no source of
 * prices. */
static int rank(const struct why_item *item)
{
	const struct summary_entry *e = item->entry;

	if (e->threads != 1 || !item->series || !(item->extra_ns.mid > 0) ||
	    item->extra_ns.low <= 0)
		return 2;
	if (strcmp(e->class, "exit") == 0)
		return 0;
	return strcmp(e->workload, "sleep") == 0 ? 1 : 2;
}

/* The entry of the work to a VM in its layer; NULL: it runs none. */
static const struct why_part *find_entry(const struct why_item *item)
{
	const struct why_part *most = NULL;

	for (size_t i = 0; i < item->parts; i++)
		if (exit_is_vm_entry(item->part[i].metric->reason) &&
		    item->part[i].per_op.mid > (most ? most->per_op.mid : 0))
			most = &item->part[i];
	return most;
}

/* Whether the price of an entry to a VM holds it; NULL: there is no entry. */
static bool is_around_entry(const struct why_part *entry, const struct why_part *part)
{
	const char *reason = part->metric->reason;

	return entry && part != entry &&
	       (exit_is_vm_entry(reason) || exit_is_around_vm_entry(reason));
}

/* What happens by the second is in every price alike (count_left). */
static bool is_unknown(const struct why *w, const struct why_item *item,
		       const struct why_part *part)
{
	return part->per_op.mid > 0 && part->metric->class != EXIT_PER_SECOND &&
	       !why_find_price(w, item->entry->layer, part->metric->reason);
}

static bool is_known_well(const struct estimate *e)
{
	return e->high - e->low <= 2 * KNOWN_WITHIN * e->mid;
}

/* The unknown reason that is most of the unknown exits of a workload; NULL: none is. *unknown: how
 * many there are that matter. */
static const struct why_part *main_unknown(const struct why *w, const struct why_item *item,
					   size_t *unknown)
{
	const struct why_part *most = NULL, *entry = find_entry(item);
	double all = 0;

	for (size_t i = 0; i < item->parts; i++) {
		if (!is_unknown(w, item, &item->part[i]) || is_around_entry(entry, &item->part[i]))
			continue;
		all += item->part[i].per_op.mid;
		if (!most || item->part[i].per_op.mid > most->per_op.mid)
			most = &item->part[i];
	}
	*unknown = 0;
	if (most && (most->per_op.mid < MOST_OF_ALL * all || !is_known_well(&most->per_op)))
		return NULL;
	for (size_t i = 0; most && i < item->parts; i++)
		*unknown += is_unknown(w, item, &item->part[i]) &&
			    !is_around_entry(entry, &item->part[i]) &&
			    item->part[i].per_op.mid >= RARE * most->per_op.mid;
	return most;
}

/* The workload whose price is next: the one that is simplest. */
static struct why_item *next_source(const struct why *w, uint32_t layer, const bool *tried)
{
	struct why_item *best = NULL;
	size_t least = 0, unknown;

	for (int level = 0; level < 2 && !best; level++)
		for (size_t i = 0; i < w->items; i++) {
			struct why_item *item = &w->item[i];

			if (item->entry->layer != layer || rank(item) != level || tried[i] ||
			    !main_unknown(w, item, &unknown))
				continue;
			if (!best || unknown < least ||
			    (unknown == least && item->extra_ns.mid < best->extra_ns.mid)) {
				best = item;
				least = unknown;
			}
		}
	return best;
}

/* What is left of the time of an operation when the known exits are taken off. */
static struct estimate time_left(const struct why *w, const struct why_item *item)
{
	struct estimate left = item->extra_ns;

	for (size_t i = 0; i < item->parts; i++) {
		const struct why_part *part = &item->part[i];
		const struct why_price *price =
			why_find_price(w, item->entry->layer, part->metric->reason);
		struct estimate known;

		if (!price)
			continue;
		known = why_product(&part->per_op, &price->ns);
		left = why_sum(&left, &known, -1);
	}
	return left;
}

static void name_others(const struct why *w, const struct why_item *item,
			const struct why_part *most, struct why_price *price)
{
	for (size_t i = 0; i < item->parts; i++) {
		const struct why_part *part = &item->part[i];

		if (part != most && is_unknown(w, item, part) &&
		    part->per_op.mid >= RARE * most->per_op.mid)
			str_addf(price->with, sizeof(price->with), "%s%s",
				 price->with[0] ? ", " : "", part->metric->reason);
	}
}

/* The count that the time left is spread over. */
static struct estimate count_left(const struct why *w, const struct why_item *item,
				  const struct why_part *most)
{
	struct estimate count = most->per_op;

	for (size_t i = 0; i < item->parts; i++) {
		const struct why_part *part = &item->part[i];

		if (part->metric->class == EXIT_PER_SECOND &&
		    !why_find_price(w, item->entry->layer, part->metric->reason))
			count = why_sum(&count, &part->per_op, 1);
	}
	return count;
}

static int add_price(struct why *w, struct why_item *item, struct err *err)
{
	size_t unknown;
	const struct why_part *most = main_unknown(w, item, &unknown);
	struct estimate left = time_left(w, item), count = count_left(w, item, most);
	struct why_price price = {.layer = item->entry->layer, .workload = item->entry->workload};
	struct why_price *grown;

	price.ns = why_quotient(&left, &count);
	if (!(left.mid >= LEFT_OF_ALL * item->extra_ns.mid))
		return 0;
	str_copy(price.reason, sizeof(price.reason), most->metric->reason);
	name_others(w, item, most, &price);
	grown = array_grow(w->price, w->prices, sizeof(*grown));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory for the prices of exits");
	w->price = grown;
	w->price[w->prices++] = price;
	item->is_basis = true;
	return 0;
}

int why_find_prices(struct why *w, struct err *err)
{
	bool *tried = calloc(w->items + 1, sizeof(*tried));
	struct why_item *item;
	int rc = 0;

	if (!tried)
		return err_set(err, EXIT_INTERNAL, "out of memory for the prices of exits");
	for (uint32_t layer = 1; layer < w->s->layers && rc == 0; layer++)
		while (rc == 0 && (item = next_source(w, layer, tried))) {
			tried[item - w->item] = true;
			rc = add_price(w, item, err);
		}
	free(tried);
	return rc;
}
