/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cheapest mix of hosts: of hosts x(k) of kind k, each of which costs price(k) and holds
 * holds(k) guests,
 *
 *	minimise Σ price(k) x(k)  with  Σ holds(k) x(k) ≥ guests,  Σ x(k) ≤ count(j) over the kinds
 *	of each stock j,  x(k) whole
 *
 * and of equally cheap mixes one with the fewest hosts. GLPK solves it; the answer is checked in
 * whole numbers.
 */
#ifndef NB_MIX_H
#define NB_MIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define MIX_NO_STOCK SIZE_MAX

struct mix_kind {
	double price;	/* finite, at least 0 */
	uint64_t holds; /* guests on one host */
	size_t stock;	/* that its hosts are taken from; MIX_NO_STOCK: there are any number */
};

struct mix_problem {
	uint64_t guests; /* from 1 to 10^6 */
	const struct mix_kind *kind;
	size_t kinds;
	const uint64_t *stock; /* how many hosts each has */
	size_t stocks;
	unsigned memory_mib, limit_ms; /* what GLPK may take; 0: enough */
};

struct mix {
	uint64_t most; /* guests that all hosts of the stocks hold; UINT64_MAX: any number */
	/* The others are 0 where it is less than the guests. */
	uint64_t holds; /* guests that its hosts hold */
	double price;
	double at_least; /* no mix is cheaper; below the price where time ran out */
	bool proven;	 /* none is cheaper than this one */
};

/*
 * Fills *m, and hosts, of each kind how many. EXIT_INTERNAL where GLPK gives up, EXIT_INCONCLUSIVE
 * where it finds no mix in time. Not for several threads at once.
 */
int mix_solve(const struct mix_problem *p, uint64_t *hosts, struct mix *m, struct err *err);

#endif
