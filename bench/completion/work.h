/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NB_COMPLETION_WORK_H
#define NB_COMPLETION_WORK_H

#include "bench/completion/offers.h"

/* The names of all workloads. */
void offer_workloads(struct offers *o);

/* A parameter of that workload; words, of which there are count, are those before it. Where only
 * one is meant, with values. */
void offer_param(struct offers *o, const char *workload, const char *const *words, size_t count);

/* "WORKLOAD NAME=VALUE …", of which the cursor is in the last word. */
void offer_work(struct offers *o);

#endif
