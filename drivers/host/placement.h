/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which CPUs a measured layer runs on: the only module that touches hwloc. The same plan is made in
 * every layer: nestkernel is pinned to the measured CPUs, the first vCPUs of the child VM to the
 * same ones in the same order, and everything else (further vCPUs, emulator and I/O threads) to the
 * room.
 *
 * The choice is deterministic. In order of preference the measured CPUs are
 *   1. distinct cores of one NUMA node that has a further core for the room,
 *   2. distinct cores of one NUMA node, the room elsewhere,
 *   3. distinct cores of several nodes,
 *   4. SMT siblings,
 *   5. the same CPUs several times (more vCPUs than CPUs);
 * from 2 on, `notes` says what could not be honoured. Faster kinds of cores come first.
 *
 * Only CPUs that the process may use are considered: its affinity within its cgroup's cpuset. CPUs
 * that the kernel keeps free (isolcpus=, cpuset partitions and nohz_full=) are not in the affinity
 * that processes start with; `taskset -c LIST nestbench` makes them usable. Where they are allowed,
 * they are preferred for measured vCPUs, for all or none, so that these are alike; they are part of
 * the room only where there is no other CPU.
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
	int room[PLACEMENT_CPUS]; /* ascending, never empty; the measured CPUs where there is no
				     other */
	int room_count;
	char room_list[PLACEMENT_TEXT]; /* the same in the kernel's form, "0-3,8" */
	int node; /* the NUMA node of all measured CPUs; -1: several, or only one exists */
	char text[PLACEMENT_TEXT];   /* "vcpu0:0 vcpu1:2 room:3-7" */
	char notes[PLACEMENT_NOTES]; /* sentences on what could not be honoured; "" when all was */
};

/*
 * The machine of a plan: this one within the process's own CPU affinity (so plan before pinning),
 * or, for tests, a synthetic one.
 */
struct placement_source {
	const char
		*synthetic;  /* hwloc's synthetic form, "pack:2 core:4 pu:2"; NULL: this machine */
	const char *allowed; /* list of allowed CPUs, "0-3,8"; NULL: all that the process may use */
	const char *isolated; /* list of isolated CPUs; NULL: those of this machine's kernel, none
				 on a synthetic one */
};

/* source may be NULL: this machine. measured is from 1 to PLACEMENT_CPUS. */
int placement_plan(const struct placement_source *source, int measured, struct placement *out,
		   struct err *err);

/*
 * The part of a plan for one of several sibling VMs: `count` measured vCPUs from number `first` on
 * (wrapping around where the plan has fewer), and the same room.
 */
void placement_part(const struct placement *all, int first, int count, struct placement *out);

/* -1 with the reason where pinning is refused, even to the CPUs that a thread already has. */
int placement_permitted(struct err *err);

/* The machine in one line: "1 package, 1 NUMA node, 2 cores, 2 CPUs, L3 8 MiB". source as above. */
int placement_topology(const struct placement_source *source, char text[PLACEMENT_TEXT],
		       struct err *err);

#endif
