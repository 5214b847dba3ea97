/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which kinds of layer were seen to come up in which, on this machine with this kernel and this
 * version of the suite: proofs that a run leaves in the user's cache, nestbench/proved, one line
 * each. Other machines that share the cache, and other kernels, have lines of their own.
 */
#ifndef NB_PROOFS_H
#define NB_PROOFS_H

#include <stdbool.h>

#include "bench/plan/stack.h"

/* Zeroed: none. */
struct proofs {
	struct buf text; /* the lines of the file */
	char key[256];	 /* what this machine's begin with */
};

/* None where there is no such file. proofs_release() releases them. */
void proofs_read(struct proofs *p);
bool proofs_have(const struct proofs *p, const char *parent, const char *child);
void proofs_release(struct proofs *p);

/* Adds what a run directory tells of the layers of s: those that came up, each in its parent. What
 * cannot be read or written is not kept. */
void proofs_add(const char *run_dir, const struct stack *s);

#endif
