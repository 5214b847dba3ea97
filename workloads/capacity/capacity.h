/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NB_CAPACITY_H
#define NB_CAPACITY_H

#include "workloads/lib/state.h"

/* What the capacity kernels share; their states begin with what the last batch found. */
#define CAPACITY                                                                                   \
	.class = CLASS_CAPACITY, .flags = WORKLOAD_ONCE, .digest = state_same,                     \
	.found = state_number, .known_ops = 1, .known_digest = UINT64_C(0xe220a8397b1dcdaf)

#endif
