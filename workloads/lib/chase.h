/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A pointer chase: each load's address is what the load before has read, along one cycle through
 * all nodes in random order.
 */
#ifndef NB_CHASE_H
#define NB_CHASE_H

#include "workloads/lib/pages.h"

/* A state, or the beginning of one. */
struct chase {
	struct pages memory;
	uint64_t stride, lines;
	char *position;
};

/* The nodes' positions. */
struct chase_nodes {
	uint64_t count;	 /* at least 1 */
	uint64_t stride; /* bytes from one to the next */
	uint64_t lines; /* each is at a random one of this many lines of its stride; 1: the first */
	uint64_t pages; /* enum pages_kind */
};

/* The size of a cache line, which holds at most one node. */
enum { CHASE_LINE = 64 };

/* Maps the memory, at least `bytes` of it, and writes all nodes; pages_teardown() unmaps it. */
int chase_setup(struct chase *c, uint64_t bytes, struct chase_nodes nodes, uint64_t seed,
		struct err *err);

/* n dependent loads. */
int chase_run(void *state, uint64_t n, struct err *err);

/* The index of the current node. */
uint64_t chase_digest(const void *state);

#endif
