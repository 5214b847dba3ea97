/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the CPUs the caller's control groups leave it. */
#ifndef NB_CPU_QUOTA_H
#define NB_CPU_QUOTA_H

#include "lib/facts.h"

/*
 * Adds cpu_quota: "80000 of 100000 us", the tightest of the caller's group and those above it,
 * or "none". Nothing where its groups cannot be seen. root as in machine.h.
 */
void cpu_quota_describe(const char *root, struct facts *facts);

#endif
