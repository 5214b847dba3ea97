/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reads a few bytes of a device's file again and again: what stands behind them, a register that
 * the kernel reads for each call, is what is measured.
 */
#ifndef NB_PEEK_H
#define NB_PEEK_H

#include <sys/types.h>

#include "workloads/lib/state.h"

/* What is read. */
struct peek_place {
	int (*open)(struct err *err); /* a descriptor, or -1 with an err */
	size_t size;		      /* bytes, at most 8 */
	off_t offset;
	const char *what; /* for messages */
};

/* The state of such a kernel; zeroed: there is none. */
struct peek {
	struct tally tally; /* of readings equal to the first */
	const struct peek_place *place;
	uint64_t first;
	int fd;
};

/* As of struct workload. The setup takes the first reading. */
int peek_probe(const struct peek_place *place, struct err *err);
int peek_setup(struct peek *p, const struct peek_place *place, struct err *err);
int peek_run(void *peek, uint64_t n, struct err *err);
void peek_teardown(void *peek);

#endif
