/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Finding and ending domains that a dead run left at a system's libvirt, by how their names begin.
 */
#ifndef NB_LIBVIRT_SWEEP_H
#define NB_LIBVIRT_SWEEP_H

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/err.h"

/*
 * Destroys the active domains at uri whose names begin with prefix, which itself begins with
 * "nestbench-" (else EXIT_USAGE); with dry_run only looks. Names them in *said: "a, b". Returns how
 * many there were, or -1 with EXIT_MACHINE.
 */
int libvirt_sweep(const char *uri, const char *prefix, bool dry_run, struct buf *said,
		  struct err *err);

#endif
