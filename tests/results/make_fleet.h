/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes fleets up: each node an ordinary run directory whose costs differ from node to node by a
 * known spread, with odd nodes among them. A model fleet is one run whose rows are written once a
 * node, so that a thousand take seconds.
 */
#ifndef NB_TEST_MAKE_FLEET_H
#define NB_TEST_MAKE_FLEET_H

#include "tests/results/make_run.h"

struct made_fleet {
	size_t nodes;
	uint64_t seed; /* of all that is random */
	double spread; /* from node to node: standard deviation of the logarithm of a cost */
	double common; /* the share of its variance that all figures of a node have together */
	size_t odd;    /* so many nodes, from the second on, are odd */
	double slower; /* their costs are so many times those of the others */
	bool stalls;   /* one batch of each of their rounds takes twice as long */
	const char *governor; /* that odd nodes say; NULL: as all others */
	uint32_t depth, rounds, boots, batches;
};

extern const struct made_fleet MADE_FLEET; /* 8 equal nodes, 3 layers, 6 rounds, 2 % spread */

/* Makes dir/n1 to dir/nN. */
int make_fleet(const char *dir, const struct made_fleet *fleet, struct err *err);

#endif
