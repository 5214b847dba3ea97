/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The states of one workload that run at the same time: one mechanism for every multi-thread
 * variant. The caller's thread is the first of the crew; each further member is a thread of its
 * own, pinned to the next of the CPUs that the caller may use, and prepares, runs and tears down
 * its own state there. A crew of one is the caller alone: no thread, no pinning, no gate.
 *
 * A batch begins for all at once: they wait, awake, at a gate until everybody has arrived.
 */
#ifndef NB_CREW_H
#define NB_CREW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "workloads/workload.h"

struct measure_job;
struct crew;

/*
 * What a job offers to one of `count` members, the first is 0: data of its own (another seed), and
 * a part of its own of the job's part of the scratch, so that nobody overwrites another's data.
 */
struct workload_env crew_env(const struct measure_job *job, uint32_t count, uint32_t index);

/*
 * Makes the states of a job and sets them up. The job must live as long as the crew. NULL: *why
 * says what failed, and nothing is left behind.
 */
struct crew *crew_new(const struct measure_job *job, struct err *why);

uint32_t crew_size(const struct crew *c);

/* false: several are measured where the system puts them, since pinning was refused. */
bool crew_is_pinned(const struct crew *c);

/*
 * Shares ops operations out among all. *start_ns and *end_ns: when the gate opened and when the
 * last was done. -1: the first failure.
 */
int crew_run(struct crew *c, uint64_t ops, uint64_t *start_ns, uint64_t *end_ns, struct err *why);

/* What this function of the workload, its digest or found, says of all members together. */
uint64_t crew_sum(const struct crew *c, uint64_t (*of)(const void *state));

/* What the first member remarks; NULL or "": nothing. */
const char *crew_note(const struct crew *c);

/* Of its single operations; zeros where they are not looked at. */
struct sample_latency crew_latency(const struct crew *c);

/* What the work tells the last batch cost, as of told_ns; 0: nothing. */
double crew_told_ns(const struct crew *c);

void crew_free(struct crew *c); /* NULL is fine */

#endif
