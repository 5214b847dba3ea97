/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows as they were written before schema 2: without the columns class, unit, repeats, fastest_ns,
 * p50_ns, p99_ns, max_ns and flags. What those say stood in the name of the workload and in the
 * reason, and is read from there; nothing else in the tree does that.
 *
 *   class     what stands before the dot of the name; "control" for nop, clock, sleep and inject,
 *             "app" for command
 *   unit      by class and name
 *   reason    parts, separated by "; ": "warm-up" (the first), "short batch", "repeats round N"
 *             (the last), "the slowest of N", "the fastest took N ns", "as told by the program",
 *             "p50 N UNIT p99 N UNIT max N UNIT"; other parts are the remark of the work
 */
#ifndef NB_SCHEMA1_H
#define NB_SCHEMA1_H

#include "results/rundir/rows.h"

#define SCHEMA1_HEADER                                                                             \
	"run,boot,round,slot,layer,workload,params,threads,batch,ops,bytes,elapsed_ns,"            \
	"host_elapsed_ns,steal_ns,digest,status,reason"

/* Fills in what the columns do not say. The reason stays as it is; texts hold what row points to.
 */
void schema1_complete(struct row *row, struct schema1_texts *texts);

#endif
