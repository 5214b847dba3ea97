/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What of the files of a run was left out, for the commands whose answer has no place to say it.
 */
#ifndef NB_DAMAGE_H
#define NB_DAMAGE_H

#include <stddef.h>

#include "results/summary/summary.h"

/* Says it on stderr, a line for each run that lacks something; command is as in "nestbench export".
 */
int damage_tell(const char *command, const struct summary *runs, size_t count, struct err *err);

#endif
