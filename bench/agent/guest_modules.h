/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Modules of the kernel of this layer, which must be the run's own. What the image has of them is
 * found by modprobe.
 */
#ifndef NB_GUEST_MODULES_H
#define NB_GUEST_MODULES_H

#include "lib/err.h"

/* -1 with EXIT_MACHINE: there is none of that name, or it cannot be loaded. */
int guest_module_load(const char *module, struct err *err);

/* All that a file names, one on each line, as IMAGE_WORKLOAD_MODULES. What is not loaded is said on
 * stderr: a workload that needs it will say so, too. Without the file there is nothing to load. */
void guest_modules_load(const char *list);

#endif
