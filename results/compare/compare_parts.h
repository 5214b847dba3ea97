/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of the comparison: what its files share.
 */
#ifndef NB_COMPARE_PARTS_H
#define NB_COMPARE_PARTS_H

#include <jansson.h>

#include "results/compare/compare.h"

/* The ratio of a test of logarithms, with its interval. */
struct estimate compare_interval(const struct two_sample *t, double confidence);

/*
 * Fills in figures and the uncorrected p of an item whose keys are set. 1 when both sides have
 * figures, 0 when not, -1 with an err. Costs that one side lacks are added to c->missing.
 */
int compare_measure(struct comparison *c, struct compare_item *item, struct err *err);

/* The differences of the environments, owned by the caller. NULL when out of memory. */
json_t *env_json(const struct env_differences *d);

#endif
