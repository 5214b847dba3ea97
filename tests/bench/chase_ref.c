/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A textbook pointer chase, to hold mem.chase against: one node for each cache line, one cycle by
 * Sattolo's algorithm, each load's address from the load before (lat_mem_rd's way).
 *   chase_ref BYTES SECONDS    prints ns for each load, the best of the batches
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE = 64, BATCH = 1 << 18, BATCHES = 100000 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

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
	static double ns[BATCHES];
	uint64_t nodes, *order;
	char *memory, *p;
	double end;
	int done = 0;

	if (argc != 3)
		return 2;
	nodes = strtoull(argv[1], NULL, 10) / LINE;
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
	for (uint64_t i = 0; i < nodes; i++)
		p = *(char **)p;
	end = now() + strtod(argv[2], NULL);
	do {
		double start = now();

		for (int i = 0; i < BATCH; i++)
			p = *(char **)p;
		ns[done++] = (now() - start) / BATCH * 1e9;
	} while (now() < end && done < BATCHES);
	qsort(ns, (size_t)done, sizeof(ns[0]), by_value);
	printf("%.4f\n", ns[0]);
	return p == NULL;
}
