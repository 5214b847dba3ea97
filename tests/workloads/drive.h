/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Takes a kernel through its life without a clock.
 */
#ifndef NB_TEST_DRIVE_H
#define NB_TEST_DRIVE_H

#include <stdbool.h>

#include "workloads/workload.h"

/*
 * Variants that a kernel's known parameters do not cover: the digest of ops operations in one
 * batch, and the least number of instructions of one of them (tests/workloads/work.c).
 */
struct drive_way {
	const char *name, *params; /* NULL ends the table */
	uint64_t ops, digest;
	long least;
};
extern const struct drive_way drive_ways[];

/* Reads "a=1 b=2" (NULL: nothing); a mistake fails the test. */
void drive_params(const struct workload *w, const char *text, uint64_t arg[PARAMS_MAX]);

/*
 * A state that was set up, to be given to drive_end(); the test fails when that fails. What setup
 * remarked is in drive_note until the next call.
 */
extern char drive_note[NOTE_TEXT];
void *drive_begin(const struct workload *w, const char *params, const struct workload_env *env);
void drive_end(const struct workload *w, void *state); /* twice, as nothing is left to tear down */

/* A file "scratch" in a directory of the test's, for setup and teardown of its group. */
extern char *drive_dir, drive_scratch[300];
int drive_make_dir(void **state);
int drive_remove_dir(void **state);

/* The result of its probe; prints the reason of a failure. */
bool drive_can(const struct workload *w, const char *params, const struct workload_env *env);

/*
 * probe, setup, `batches` batches of n operations, digest, teardown. The test fails when the kernel
 * does.
 */
uint64_t drive(const struct workload *w, const char *params, const struct workload_env *env,
	       uint64_t batches, uint64_t n);

/* The same when a failure is expected: 0, or -1 and the err of the first function that failed. */
int drive_try(const struct workload *w, const char *params, const struct workload_env *env,
	      uint64_t n, struct err *err);

#endif
