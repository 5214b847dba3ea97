/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plain OpenMP program in STREAM's way, to hold mem.stream against: whole arrays, one loop after
 * the other.
 *   stream_ref KIND BYTES-OF-EACH-ARRAY    batches of one pass, see ref.h
 */
#include <stdint.h>
#include <stdlib.h>

#include "ref.h"

static void pass(char kind, long n, double *restrict a, double *restrict b, double *restrict c)
{
	switch (kind) {
	case 'c':
#pragma omp parallel for
		for (long i = 0; i < n; i++)
			c[i] = a[i];
		break;
	case 's':
#pragma omp parallel for
		for (long i = 0; i < n; i++)
			b[i] = 3.0 * c[i];
		break;
	case 'a':
#pragma omp parallel for
		for (long i = 0; i < n; i++)
			c[i] = a[i] + b[i];
		break;
	default:
#pragma omp parallel for
		for (long i = 0; i < n; i++)
			a[i] = b[i] + 3.0 * c[i];
	}
}

int main(int argc, char **argv)
{
	double *a, *b, *c, ns = 0;
	long bytes, n;

	if (argc != 3)
		return 2;
	bytes = strtol(argv[2], NULL, 10);
	n = bytes / (long)sizeof(double);
	a = aligned_alloc(2 << 20, (size_t)bytes);
	b = aligned_alloc(2 << 20, (size_t)bytes);
	c = aligned_alloc(2 << 20, (size_t)bytes);
	if (!a || !b || !c)
		return 1;
#pragma omp parallel for
	for (long i = 0; i < n; i++) {
		a[i] = 1.0;
		b[i] = 2.0;
		c[i] = 0.5;
	}
	for (bool more = ref_next(NULL); more; more = ref_next(&ns)) {
		double start = ref_now_ns();

		pass(argv[1][0], n, a, b, c);
		ns = ref_now_ns() - start;
	}
	return a[n / 2] + b[n / 2] + c[n / 2] == 0.0;
}
