/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the comparison: what its files share.
 */
#ifndef NB_COMPARE_PARTS_H
#define NB_COMPARE_PARTS_H

#include "results/compare/compare.h"
#include "results/stats/twosample.h"

/* The entry of the item's workload in a layer of one run, or NULL. */
const struct summary_entry *compare_find(const struct summary *s, const struct compare_item *item,
					 uint32_t layer);

/*
 * Fills in figures and the uncorrected p of an item whose keys are set; *t stays for the joint
 * interval. 1 when both sides have figures, 0 when not, -1 with an err. Costs that one side lacks
 * are counted in c.
 */
int compare_measure(struct comparison *c, struct compare_item *item, struct two_sample *t,
		    struct err *err);

#endif
