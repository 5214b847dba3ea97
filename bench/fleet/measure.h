/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Measures the nodes of a fleet that are not done: pilot, then all others, with the engine that the
 * fleet names. What becomes of each is written into fleet.json at once, and said on stderr.
 */
#ifndef NB_FLEET_MEASURE_H
#define NB_FLEET_MEASURE_H

#include <stdbool.h>

#include "results/fleet/state.h"

/* A new fleet: makes the directory, which must be empty or not there, of what f says: engine,
 * options, parallel, run_options, nodes. */
int fleet_begin(const char *dir, struct fleet *f, bool quiet, struct err *err);

/* One that is there: f is what was loaded. EXIT_MACHINE where programs or image are others now. */
int fleet_go_on(const char *dir, struct fleet *f, bool quiet, struct err *err);

#endif
