/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Has the parent layer take back the frames behind this layer's memory, as a layer does that no
 * longer needs them: the next access to each makes a nested page fault, and the parent backs it
 * anew. The layer itself notices nothing but zeroes.
 *
 * The way is the memory balloon of a VM, the queue for free pages: it takes exact ranges, of 4 KiB
 * or of whole huge pages, and the VMs of a run that needs it have one without a driver. Meanwhile
 * the memory is pinned, so that a frame that is taken back is never another's.
 */
#ifndef NB_RECLAIM_H
#define NB_RECLAIM_H

#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

enum { RECLAIM_TABLES = 32 }; /* of ranges, that are given at once */

struct reclaim {
	int ports;	      /* the balloon's registers; 0: not open */
	int pin;	      /* what pins the memory; 0: nothing */
	uint16_t queue, ring; /* its number, and its entries */
	size_t unit;	      /* bytes of a range */
	uint64_t *frame;      /* physical address of each unit */
	size_t frames;
	char *work; /* pages shared with the parent: the ring, one piece of physical memory, and
		       tables of ranges */
	char *asked, *available, *done; /* parts of the ring */
	uint64_t ring_at;
	char *table[RECLAIM_TABLES];
	uint64_t table_at[RECLAIM_TABLES];
};

/* For a probe: -1 with EXIT_MACHINE and the reason where this layer cannot ask its parent. */
int reclaim_probe(struct err *err);

/*
 * Touches and pins this memory, which is to be taken back in units of 4 KiB or 2 MiB; those must be
 * physically contiguous. Whatever the result, reclaim_close() is due, before the memory is
 * unmapped. The struct was zeroed before.
 */
int reclaim_open(struct reclaim *r, void *at, size_t bytes, size_t unit, struct err *err);

/* The parent layer has taken back all of it on return. */
int reclaim_all(struct reclaim *r, struct err *err);

/* The same in the middle of a measurement: adds the time that it took to *aside_ns. */
int reclaim_aside(struct reclaim *r, uint64_t *aside_ns, struct err *err);

/* -1 with EXIT_MACHINE where `kept` of the pages that were looked at had not been taken back. */
int reclaim_check(uint64_t pages, uint64_t kept, struct err *err);

void reclaim_close(struct reclaim *r); /* one that is not open is fine */

#endif
