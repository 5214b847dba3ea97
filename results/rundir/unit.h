/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a row's figure is, known by class and name alone, so that rows of any age can be read:
 *
 *   "ns/op"  elapsed_ns / ops: less is better
 *   "bytes"  the column bytes, of a capacity: more is better
 *   "cpus"   the same column in thousandths of a CPU, of capacity.cpus: more is better
 */
#ifndef NB_UNIT_H
#define NB_UNIT_H

#include "lib/sample.h"

const char *unit_of(const char *class, const char *workload);

/* The figure of an ok row, in that unit. */
double unit_cost(const char *class, const char *workload, const struct sample *s);

#endif
