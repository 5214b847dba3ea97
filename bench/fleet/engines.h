/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The engines that there are; engine.h is their seam. */
#ifndef NB_FLEET_ENGINES_H
#define NB_FLEET_ENGINES_H

#include "bench/fleet/engine.h"

extern const struct fleet_engine fleet_engine_ssh, fleet_engine_slurm;

/* The one that a fleet.json names. NULL with EXIT_USAGE: there is none of that name. */
const struct fleet_engine *fleet_engine_find(const char *name, struct err *err);

#endif
