/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of sizing: what it takes from a run. The symbols are those of results/size/size.h.
 */
#ifndef NB_SIZE_PARTS_H
#define NB_SIZE_PARTS_H

#include "results/size/size.h"

/* Whether an entry is of this class, or of this workload. */
bool size_is_like(const struct summary_entry *e, const char *like);

/* R(k): of a class, or of the worst variant of a workload that runs alone. NAN without data. */
struct estimate size_ratio(const struct summary *s, const char *like, uint32_t layer);

/* C(k): the cost of concurrency in a layer beyond L0; at least 1. */
struct size_loss {
	double expected, pessimistic;
	double most; /* the largest concurrency that was measured; 1: none */
	bool guests; /* it includes several VMs */
};
struct size_loss size_concurrency(const struct summary *s, const char *like, uint32_t layer);

/* The memory that a layer keeps for itself, in bytes; 0: not known. */
double size_keep(const struct summary *s, uint32_t layer, bool *known);

/* The most requests per second that L0 served; NAN: not measured. */
double size_most_iops(const struct summary *s);

/* The most requests per second that one guest in a layer reached; NAN: not measured. */
double size_guest_iops(const struct summary *s, uint32_t layer);

/* Appends notes on the basis of the figures, on concurrency, and on requests. The latter two are
 * about the guests on one host. */
void size_note_basis(const struct summary *s, const struct size_answer *a, struct buf *out);
void size_note_concurrency(const struct size_answer *a, struct buf *out);
void size_note_io(const struct size_answer *a, struct buf *out);

#endif
