/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Instances of tracefs in which exits of VMs are counted, named after the
 * process that counts and that of the VM: "nestbench-42-4711". One whose process was killed still
 * counts, and slows every exit of every VM down, until it is removed.
 */
#ifndef NB_TRACE_INSTANCES_H
#define NB_TRACE_INSTANCES_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/buf.h"

enum { TRACE_INSTANCE = 48 };

void trace_instance_name(pid_t counts, pid_t vm, char name[TRACE_INSTANCE]);

/*
 * Removes those of processes that have ended; with dry_run it only looks. root is put in front of
 * /sys and /proc: "" for this machine. Names them in *said: "a, b"; NULL: not. Returns how many
 * there were.
 */
int trace_instances_sweep(const char *root, bool dry_run, struct buf *said);

#endif
