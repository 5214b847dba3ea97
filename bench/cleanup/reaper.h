/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keeps the machine clean behind a process that starts VMs.
 *
 * A driver may let the process of a layer become an orphan, on purpose. That leaves two holes:
 * where process 1 reaps slowly or never (many containers) the driver waits for seconds on every one
 * that has ended, and when the process is killed its VMs live on. A reaper closes both.
 */
#ifndef NB_REAPER_H
#define NB_REAPER_H

#include "lib/err.h"

/*
 * What the reaper calls when it has ended the orphans, to put back what they used; to be said
 * before reaper_start. It runs in the parent, with the standard streams closed.
 */
void reaper_at_end(void (*put_back)(void));

/*
 * Splits the process in two; to be called first thing in main, before there are threads. The caller
 * goes on as the child. The parent stays behind as its reaper: it reaps orphans the moment they
 * end, and when the child has ended, however that came, it kills the orphans that are left and ends
 * in the same way (same exit code or signal). It passes SIGTERM and SIGHUP on and leaves the
 * process group to the child, so that a signal to the group is for the child alone (except in a
 * terminal's foreground, where the group stays together). The child gets SIGTERM if the reaper
 * dies.
 */
int reaper_start(struct err *err);

#endif
