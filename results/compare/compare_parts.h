/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the comparison: what its files share.
 */
#ifndef NB_COMPARE_PARTS_H
#define NB_COMPARE_PARTS_H

#include <jansson.h>

#include "results/compare/compare.h"
#include "results/table/text.h"

/* The ratio of a test of logarithms, with its interval. */
struct estimate compare_interval(const struct two_sample *t, double confidence);

/*
 * Fills in figures and the uncorrected p of an item whose keys are set. 1 when both sides have
 * figures, 0 when not, -1 with an err. Costs that one side lacks are added to c->missing.
 */
int compare_measure(struct comparison *c, struct compare_item *item, struct err *err);

/* Whether this workload is to be compared. */
bool compare_is_wanted(const struct comparison *c, const char *workload);

/* Reads what exits were counted on each side, and compares them, uncorrected. */
int compare_exits(struct comparison *c, struct err *err);

/* The ratio of rates of exits, with its interval. */
struct estimate compare_exits_interval(const struct compare_item *item, double confidence);

/* Items of a comparison: its times, or its exits. */
struct compare_list {
	const struct compare_item *item;
	size_t count;
};

size_t compare_count(const struct compare_list *l, enum change change);

/* Appends the items to a table, a heading for each change; those that are not resolved or are the
 * same only with `all`. */
void compare_add_groups(const struct compare_list *l, bool all,
			void (*add_line)(const struct compare_item *item, struct text_table *t),
			struct text_table *t);

/* A table in Markdown, likewise. Nothing without a row. */
void compare_add_markdown(const struct compare_list *l, bool all, struct buf *out);

/* Appends what of the counts was left out as damaged. */
void compare_exits_damage(const struct comparison *c, struct buf *out);

/* What of exits is compared, and what is not and why. Nothing where neither side counted any. */
void compare_format_exits(const struct comparison *c, bool all, struct buf *out);
void compare_format_exits_markdown(const struct comparison *c, bool all, struct buf *out);

/* What an item is about; with its figures (null, or 0, where it has none); and the runs of a side.
 * Owned by the caller, NULL when out of memory. */
json_t *compare_key_json(const struct compare_item *item);
json_t *compare_item_json(const struct compare_item *item, bool has_figures);
json_t *compare_side_json(const struct compare_side *side);

/* The differences of the environments, owned by the caller. NULL when out of memory. */
json_t *env_json(const struct env_differences *d);

#endif
