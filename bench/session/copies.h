/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One batch of several copies of a kernel that ran at the same time, in one VM or in siblings, as
 * one sample: the operations of one copy in the time of the slowest. So N copies that do not
 * disturb each other give the row of one; the total rate is N × ops ÷ elapsed. The digest is the
 * sum of theirs: each may have a part of the data of its own.
 */
#ifndef NB_COPIES_H
#define NB_COPIES_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/plan/profile.h"
#include "lib/sample.h"

struct copies {
	uint32_t guests, copies;   /* so many VMs, so many copies in each; at least 1 */
	uint32_t got;		   /* samples so far */
	uint32_t from[GUESTS_MAX]; /* of them from each VM */
	uint64_t fastest_ns, digest;
	struct sample slowest;
};

/* guests is at most GUESTS_MAX. */
void copies_start(struct copies *c, uint32_t guests, uint32_t copies);

/*
 * Takes the sample of one copy in VM `guest`. EXIT_INTERNAL when that VM has sent more than its
 * copies.
 */
int copies_add(struct copies *c, int guest, const struct sample *s, struct err *err);

/* Whether all of one VM have come. */
bool copies_has_all(const struct copies *c, int guest);

/* Whether all have come. */
bool copies_full(const struct copies *c);

/* The batch, once all have come. Of several copies it says what the fastest took, too. */
struct sample copies_sample(const struct copies *c);

#endif
