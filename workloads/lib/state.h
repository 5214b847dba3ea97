/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the states of many kernels share.
 */
#ifndef NB_STATE_H
#define NB_STATE_H

#include <stdint.h>

#include "workloads/workload.h"

struct tally {
	uint64_t done; /* operations that succeeded */
	uint64_t sum;  /* over their results; 0 where only their number counts */
};

/* The digest of a state that begins with a struct tally. */
uint64_t tally_digest(const void *state);

/* The 64-bit number that a state begins with: a digest, or what was found. */
uint64_t state_number(const void *state);

/* The digest of a search: errors are failures, and findings may differ between layers. */
uint64_t state_same(const void *state);

/* Adds to the note for ok rows; for setup. Does nothing where env has no note. */
void note_add(const struct workload_env *env, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Closes a descriptor and sets it to 0, which stands for none, as in a zeroed state: 0 is standard
 * input. None is fine.
 */
void close_fd(int *fd);

#endif
