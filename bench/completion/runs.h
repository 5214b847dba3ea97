/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef NB_COMPLETION_RUNS_H
#define NB_COMPLETION_RUNS_H

#include "bench/completion/offers.h"

/* Run directories, and directories on the way to some. */
void offer_runs(struct offers *o);

#endif
