/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that a run left behind, found in /proc by what marks them as its own:
 *  - NESTBENCH_WORK_DIR in their environment, which whatever the run's agent starts inherits;
 *  - for what a service starts with an environment of its own, a command line that names files in
 *    that directory.
 * The directory's name is random, so a mark is never another run's. Only processes of this user
 * count.
 */
#ifndef NB_PROCS_H
#define NB_PROCS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/buf.h"

#define PROCS_MARK "NESTBENCH_WORK_DIR"

/*
 * When a process was started, in clock ticks since boot (proc(5), stat, field 22): with the pid it
 * names a process for good, also when the pid is used again. 0: there is no such process.
 */
uint64_t procs_start_ticks(pid_t pid);

/*
 * Kills (SIGKILL) the processes that work_dir marks and waits until they are gone, at most 5 s;
 * with dry_run it only looks. Each is named in *said, which may be NULL: "4711 (nestbench),
 * …". Returns how many there were.
 */
int procs_end(const char *work_dir, bool dry_run, struct buf *said);

#endif
