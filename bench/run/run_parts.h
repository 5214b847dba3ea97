/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside of a run: the steps that one run and a pair of runs share, in their order.
 */
#ifndef NB_RUN_PARTS_H
#define NB_RUN_PARTS_H

#include "bench/run/run.h"

/* What a killed run left would disturb this one. It need not stop it, nor what else is running,
 * of which the user is told. */
void run_clean_before(struct run *r);

/* Image, scratch file and manifest; the places are open. */
int run_prepare(struct run *r, struct err *err);

/* The session's config without what decides the size; it borrows from r. */
void run_configure(struct run *r, struct session_config *c);

/* Writes down how the session ended, done; returns that, or -1 when it cannot be written. */
int run_ended(struct run *r, int done, struct err *err);

/* Summary and plots, from the rows that are in the file; print: the table on stdout, too. */
int run_answer(struct run *r, bool print, struct err *err);

#endif
