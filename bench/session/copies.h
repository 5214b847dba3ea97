/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One batch of several copies of a kernel that ran at the same time, in one VM or in siblings, as
 * one sample: the operations of one copy in the time of the slowest. So N copies that do not
 * disturb each other give the row of one; the total rate is N × ops ÷ elapsed. The digest is the
 * sum of theirs: each may have a part of the data of its own.
 */
#ifndef NB_TOGETHER_H
#define NB_TOGETHER_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/plan/profile.h"
#include "lib/sample.h"

struct together {
	uint32_t guests, copies;   /* so many VMs, so many copies in each; at least 1 */
	uint32_t got;		   /* samples so far */
	uint32_t from[GUESTS_MAX]; /* of them from each VM */
	uint64_t fastest_ns, digest;
	struct sample slowest;
};

/* guests is at most GUESTS_MAX. */
void together_start(struct together *t, uint32_t guests, uint32_t copies);

/*
 * Takes the sample of one copy in VM `guest`. EXIT_INTERNAL when that VM has sent more than its
 * copies.
 */
int together_add(struct together *t, int guest, const struct sample *s, struct err *err);

/* Whether all of one VM have come. */
bool together_has_all(const struct together *t, int guest);

/* Whether all have come. */
bool together_full(const struct together *t);

/* The batch, once all have come. Of several copies it says what the fastest took, too. */
struct sample together_sample(const struct together *t);

#endif
