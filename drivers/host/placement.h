/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which CPUs a measured layer runs on: the only module that touches hwloc. The same plan is made in
 * every layer: nestkernel is pinned to the measured CPUs, the first vCPUs of the VM below to the
 * same ones in the same order, and everything else (further vCPUs, emulator and I/O threads) to the
 * room.
 *
 * The choice is deterministic. In order of preference the measured CPUs are
 *   1. distinct cores of one NUMA node that has a further core for the room,
 *   2. distinct cores of one NUMA node, the room elsewhere,
 *   3. distinct cores of several nodes,
 *   4. SMT siblings,
 *   5. the same CPUs several times (more vCPUs than CPUs);
 * from 2 on, what could not be honoured is said in `notes`. Faster kinds of cores come first.
 *
 * Only CPUs that the process may use are considered: its affinity within its cgroup's cpuset. CPUs
 * that the kernel keeps free (isolcpus=, cpuset partitions and nohz_full=) are not in the affinity
 * that processes start with; `taskset -c LIST nestbench` makes them usable.
 * Those among the allowed ones are preferred for measured vCPUs, all or none of which are put there
 * so that they are alike, and are never part of the room while there is any other CPU.
 *
 * Placing changes nothing on the machine: affinities and memory policies end with the processes.
 */
#ifndef NB_PLACEMENT_H
#define NB_PLACEMENT_H

#include "lib/err.h"

/* A list of PLACEMENT_CPUS fits in the text, whatever its gaps. */
enum { PLACEMENT_CPUS = 512, PLACEMENT_TEXT = 4096, PLACEMENT_NOTES = 512 };

struct placement {
	int measured[PLACEMENT_CPUS]; /* measured vCPU i belongs on CPU measured[i] (OS index) */
	int measured_count;
	int room[PLACEMENT_CPUS]; /* ascending, never empty; the measured ones where there is no
				     other */
	int room_count;
	char room_list[PLACEMENT_TEXT]; /* the same in the kernel's form, "0-3,8" */
	int node; /* the NUMA node of all measured CPUs; -1: several, or only one exists */
	char text[PLACEMENT_TEXT];   /* "vcpu0:0 vcpu1:2 room:3-7" */
	char notes[PLACEMENT_NOTES]; /* what could not be honoured, in sentences; "" when all was */
};

/*
 * Where a plan is made for: this machine within the process's own CPU affinity (so plan before
 * pinning yourself), or, for tests, a machine that does not exist.
 */
struct placement_source {
	const char
		*synthetic; /* hwloc's synthetic form, "pack:2 core:4 pu:2"; NULL: this machine */
	const char
		*allowed; /* CPU list to stay within, "0-3,8"; NULL: all that the process may use */
	const char *isolated; /* list of CPUs that the kernel keeps free; NULL: what this machine's
				 kernel says, none on one that is made up */
};

/* source may be NULL: this machine. measured is from 1 to PLACEMENT_CPUS. */
int placement_plan(const struct placement_source *source, int measured, struct placement *out,
		   struct err *err);

/*
 * The part of a plan for one of several VMs side by side: `count` measured vCPUs from number
 * `first` on (once around where the plan has fewer), and the same room.
 */
void placement_part(const struct placement *all, int first, int count, struct placement *out);

/* -1 with the reason where threads may not be pinned to CPUs at all, not even to those they have.
 */
int placement_permitted(struct err *err);

/* The machine in one line: "1 package, 1 NUMA node, 2 cores, 2 CPUs, L3 8 MiB". source as above. */
int placement_topology(const struct placement_source *source, char text[PLACEMENT_TEXT],
		       struct err *err);

#endif
