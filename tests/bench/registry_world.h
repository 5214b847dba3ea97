/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Processes that claim a place and die, in a directory of the test's own.
 */
#ifndef NB_TEST_REGISTRY_WORLD_H
#define NB_TEST_REGISTRY_WORLD_H

#include "tests/check.h"

#include "bench/cleanup/owners.h"

/* Set-up and clean-up of a group of tests; all places are in `base` between them. */
extern char base[];
int make_base(void **state);
int remove_base(void **state);

struct owner run_named(const char *run);

/* A process that claims a place, and the run directory unless that is NULL, until it is killed. */
pid_t claim_elsewhere(const struct owner *who, const char *dir);
void kill_it(pid_t pid);

/* What is found: how much, and the one of run `wanted` (else the last). */
struct seen {
	const char *wanted;
	int alive, dead;
	struct owner last;
};

struct seen look_for(const char *wanted);
struct seen look(void);

/* For those who clean; what they say is not of interest. */
void ignore_line(void *ctx, const char *line);

#endif
