/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Workloads that a run was asked for and has nothing to say about.
 */
#ifndef NB_UNMEASURED_H
#define NB_UNMEASURED_H

#include <stdbool.h>

#include "lib/err.h"
#include "results/summary/summary.h"

/*
 * EXIT_MACHINE, naming the first and why, when some workload failed in a layer and has no figure
 * there; with by_name, when the workloads were named and not a profile's, also when one was skipped
 * in every layer. A profile's may be skipped: not every machine has a GPU.
 */
int unmeasured_check(const struct summary *s, bool by_name, struct err *err);

#endif
