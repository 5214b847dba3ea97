/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the processes below one process make the kernel do: a driver's counters of a layer that is
 * made of processes.
 *
 * Source "proc", always, which costs those processes nothing: page_faults (minor and major, also of
 * ended threads, and of processes that were waited for; with those that the kernel takes for itself
 * in their memory, which perf does not count) and context_switches. Of the latter the kernel
 * forgets those of a thread that ends: where one has ended since the last reading, or a process was
 * waited for, there is no context_switches, and they begin anew at 0 there. Those of a thread that
 * both began and ended in between are missing.
 *
 * Source "perf", from COUNTING_BEGIN to COUNTING_END: syscalls (tracepoint raw_syscalls:sys_enter),
 * context_switches and page_faults, by events of each thread that there is at the begin, inherited
 * by all that these start. For that root is needed, or CAP_PERFMON, and a mounted tracefs; what is
 * missing the remark says. A call that blocks across the begin is not in it.
 *
 * Sources: proc(5), PID/stat and PID/task/TID/status; perf_event_open(2).
 */
#ifndef NB_TASK_COUNTS_H
#define NB_TASK_COUNTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "drivers/counts.h"
#include "drivers/host/task_tree.h"

enum task_event { TASK_SYSCALLS, TASK_SWITCHES, TASK_FAULTS, TASK_EVENTS };

/* Zeroed: nothing read yet. */
struct task_counts {
	/* Of /proc: the threads and sums of the last reading, what ended processes took with them,
	 * and where the count of switches began. */
	struct task_list tasks;
	uint64_t faults, reaped_faults, gone_faults;
	uint64_t switches_from;
	/* Of perf: what is counted now, and the sums of what was. */
	struct task_counter {
		int fd;
		enum task_event event;
	} * open;
	size_t opened;
	bool counted[TASK_EVENTS]; /* since the begin, of all threads */
	uint64_t ended[TASK_EVENTS];
};

/* As driver->count, of the processes below pid; root stands in front of /proc and /sys: "" for this
 * machine. */
void task_counts_read(struct task_counts *t, const char *root, pid_t pid, enum counting how,
		      struct counts *out);

/* Ends what was begun and frees; safe at any time. */
void task_counts_release(struct task_counts *t);

#endif
