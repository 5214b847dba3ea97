/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes as /proc describes them: proc(5), and Documentation/scheduler/sched-stats.rst of the
 * kernel for schedstat. root stands in front of /proc: "" for this machine.
 */
#ifndef NB_PROC_H
#define NB_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct proc {
	pid_t pid, parent;
	char state; /* 'R', 'S', 'T' (stopped by a signal), 'Z', … */
	char name[32];
	/* Clock ticks: CPU time of its own, CPU time of the children that it waited for, and, since
	 * boot, when it was started. */
	uint64_t ticks, reaped_ticks, start_ticks;
};

/* False: there is no such process. */
bool proc_read(const char *root, pid_t pid, struct proc *p);

/* The same; false also where it has ended and its parent has not asked for its end yet. */
bool proc_read_living(const char *root, pid_t pid, struct proc *p);

/* How long a thread was runnable without having a CPU; false: not known. */
bool proc_wait_ns(const char *root, pid_t pid, const char *thread, uint64_t *ns);

/* The same of that thread of the process which waited longest; 0: not known. */
uint64_t proc_longest_wait_ns(const char *root, pid_t pid);

/*
 * The value of the first line "KEY : VALUE" of text, as cpuinfo, meminfo and status have them, cut
 * to size. False: there is no such line.
 */
bool proc_value(const char *text, const char *key, char *value, size_t size);

#endif
