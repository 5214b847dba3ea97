/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the states of many kernels have in common.
 */
#ifndef NB_STATE_H
#define NB_STATE_H

#include <stdint.h>

#include "workloads/workload.h"

struct tally {
	uint64_t done; /* operations that did what they should */
	uint64_t sum;  /* over what came of them; 0 where only their number counts */
};

/* The digest of a state that begins with a struct tally. */
uint64_t tally_digest(const void *state);

/* The 64-bit number that a state begins with: a digest where it says all, or what was found. */
uint64_t state_number(const void *state);

/* The digest of a search, where what is wrong is a failure and what is found differs. */
uint64_t state_same(const void *state);

/* Adds to the remark for ok rows; for setup. Where nobody wants one nothing is done. */
void note_add(const struct workload_env *env, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Closes a descriptor and sets it to 0, which stands for none, as in a zeroed state: 0 is standard
 * input. None is fine.
 */
void close_fd(int *fd);

#endif
