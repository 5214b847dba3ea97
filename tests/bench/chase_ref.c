/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A textbook pointer chase, to hold mem.chase against: one node for each cache line, one cycle by
 * Sattolo's algorithm, each load's address from the load before (lat_mem_rd's way).
 *   chase_ref BYTES LOADS    batches of so many loads, see ref.h
 */
#include <stdint.h>
#include <stdlib.h>

#include "ref.h"

enum { LINE = 64 };

static uint64_t below(uint64_t n)
{
	static uint64_t x = 88172645463325252;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x % n;
}

int main(int argc, char **argv)
{
	uint64_t nodes, loads, *order;
	char *memory, *p;
	double ns = 0;

	if (argc != 3)
		return 2;
	nodes = strtoull(argv[1], NULL, 10) / LINE;
	loads = strtoull(argv[2], NULL, 10);
	memory = aligned_alloc(2 << 20, nodes * LINE);
	order = malloc(nodes * sizeof(*order));
	if (!memory || !order)
		return 1;
	for (uint64_t i = 0; i < nodes; i++)
		order[i] = i;
	for (uint64_t i = nodes - 1; i > 0; i--) {
		uint64_t k = below(i), swap = order[i];

		order[i] = order[k];
		order[k] = swap;
	}
	for (uint64_t i = 0; i < nodes; i++)
		*(char **)(memory + i * LINE) = memory + order[i] * LINE;
	free(order);
	p = memory;
	for (bool more = ref_next(NULL); more; more = ref_next(&ns)) {
		double start = ref_now_ns();

		for (uint64_t i = 0; i < loads; i++)
			p = *(char **)p;
		/* The clock must not be read before the last load has come. */
		__asm__ volatile("" : : "r"(p) : "memory");
		ns = ref_now_ns() - start;
	}
	return p == NULL;
}
