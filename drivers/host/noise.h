/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One reading of the kernel's counters of what disturbs a layer. Two readings give the disturbance
 * in the interval between them (bench/session/disturbance.h).
 *
 * How CPU time is attributed. `busy` is all that ran in user or kernel mode, without interrupts.
 * `ours` is that of nestbench's own processes: all below the highest ancestor that has our name, so
 * that reapers, agents, kernels and VMs are counted, with those that have ended and were waited
 * for. `kernel` is that of the kernel's threads: for which process they work is not known, so
 * neither they nor interrupts count as a neighbour's. In a container the processes outside are not
 * visible, but the CPUs' times are those of the whole machine, so they count as others, too.
 *
 * Sources: proc(5) for stat, loadavg, cpuinfo, PID/stat, PID/task/TID/status; the kernel's
 * Documentation/scheduler/sched-stats.rst for PID/task/TID/schedstat (its second field is the time
 * spent waiting on a run queue); Documentation/admin-guide/pm/cpufreq.rst for scaling_cur_freq.
 */
#ifndef NB_NOISE_H
#define NB_NOISE_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"

/* Counters of some CPUs together, in ns of CPU time since the kernel's start. */
struct noise_cpus {
	uint64_t count, busy_ns, steal_ns;
};

struct noise_reading {
	uint64_t at_ns;		    /* on the layer's clock; 0: nothing was read */
	struct noise_cpus all;	    /* of the layer */
	struct noise_cpus measured; /* those on which workloads run; count 0: not known */
	uint64_t ours_ns, kernel_ns;
	uint64_t vcpus;		    /* vCPU threads of our VMs, and their sums so far: */
	uint64_t wait_ns, switches; /* on run queues; involuntary context switches */
	uint64_t load1_milli;	    /* thousandths of the load of the last minute */
	uint64_t khz;		    /* of the measured CPUs, their mean; 0: not known */
	uint64_t throttles;	    /* thermal throttling events of cores; 0 also where not known */
};

struct noise_source {
	const char *root;    /* in front of /proc and /sys; "" for this machine */
	pid_t pid;	     /* a process of nestbench there */
	const int *measured; /* CPUs; borrowed */
	int measured_count;
};

/* at_ns is left 0, for the caller. -1 (EXIT_MACHINE) only where /proc/stat cannot be parsed; other
 * unknown values stay 0. */
int noise_read(const struct noise_source *from, struct noise_reading *out, struct err *err);

#endif
