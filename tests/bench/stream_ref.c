/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A plain OpenMP program in STREAM's way, to hold mem.stream against: whole arrays, one loop after
 * the other, bytes counted as STREAM does. stream_ref KIND BYTES-OF-EACH-ARRAY SECONDS    prints
 * GB/s, the best of the passes
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

enum { PASSES = 10000 };

int main(int argc, char **argv)
{
	static double rate[PASSES];
	double start, end, *a, *b, *c;
	long bytes, n;
	int done = 0;

	if (argc != 4)
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
	pass(argv[1][0], n, a, b, c);
	end = now() + strtod(argv[3], NULL);
	do {
		int arrays = argv[1][0] == 'c' || argv[1][0] == 's' ? 2 : 3;

		start = now();
		pass(argv[1][0], n, a, b, c);
		rate[done++] = (double)(arrays * bytes) / (now() - start) / 1e9;
	} while (now() < end && done < PASSES);
	qsort(rate, (size_t)done, sizeof(rate[0]), by_value);
	printf("%.4f\n", rate[done - 1]);
	return a[n / 2] + b[n / 2] + c[n / 2] == 0.0;
}
