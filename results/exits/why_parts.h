/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of results/exits: how an explanation is made, and its words.
 */
#ifndef NB_WHY_PARTS_H
#define NB_WHY_PARTS_H

#include "results/exits/why.h"

/* Finds the prices of all layers; the items have their parts. */
int why_find_prices(struct why *w, struct err *err);

/* Fills in what the layers around the item's do. */
int why_find_outer(const struct why *w, struct why_item *item, struct err *err);

/* Values with errors that are independent of each other; NAN where an interval is missing. */
struct estimate why_product(const struct estimate *a, const struct estimate *b);
struct estimate why_quotient(const struct estimate *a, const struct estimate *b);
struct estimate why_sum(const struct estimate *a, const struct estimate *b, double sign);

#endif
