/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The usable CPUs, for placement.c, from hwloc and the kernel. */
#ifndef NB_PLACEMENT_CPUS_H
#define NB_PLACEMENT_CPUS_H

#include <stdbool.h>

#include "drivers/host/placement.h"

/* One usable CPU. */
struct cpu {
	int os;
	int core;      /* logical index of its core */
	int node;      /* logical index of its NUMA node */
	int node_os;   /* the kernel's number of that node */
	int kind;      /* efficiency rank of its core: higher is faster */
	int sibling;   /* 0 for the first allowed CPU of its core, 1 for the next, … */
	bool isolated; /* the kernel keeps it free of other work */
	bool taken;
};

struct cpus {
	struct cpu *cpu; /* in the order of preference; owned */
	int count;
	int isolated; /* the number of isolated ones; 0 too when all are */
	int nodes;
};

/* source may be NULL: this machine. */
int cpus_init(struct cpus *m, const struct placement_source *source, struct err *err);
void cpus_release(struct cpus *m);

#endif
