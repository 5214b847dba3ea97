/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the references of parity have in common: batches on demand, as nestkernel --lockstep does
 * them, so that ours and the reference can take turns batch by batch. "ready" is printed when all
 * is prepared; each line on standard input asks for one batch, whose time in ns is printed.
 */
#ifndef NB_REF_H
#define NB_REF_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static inline double ref_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

/* Tells the answer to the request before, NULL: ready; and waits for the next. false: no more. */
static inline bool ref_next(const double *ns)
{
	char line[16];

	if (ns)
		printf("%.0f\n", *ns);
	else
		puts("ready");
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL;
}

#endif
