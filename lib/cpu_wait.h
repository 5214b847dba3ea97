/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long a process had to wait for a CPU: time that says nothing about how long its work takes.
 */
#ifndef NB_CPU_WAIT_H
#define NB_CPU_WAIT_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Of its threads the one that waited longest counts; 0: not known. root stands in front of /proc:
 * "" for this machine.
 */
uint64_t cpu_wait_ns(const char *root, pid_t pid);

#endif
