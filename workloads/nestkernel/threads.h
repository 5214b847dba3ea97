/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The states of one workload that run at the same time: one mechanism for every multi-thread
 * variant. The caller's thread is the first; each further one is pinned to the next of the CPUs
 * that the caller may use, and prepares, runs and tears down its own state there. A single one is
 * the caller: no thread is started, nothing is pinned, there is no barrier.
 *
 * A batch begins for all at once: they spin on a start barrier until all have arrived.
 */
#ifndef NB_THREADS_H
#define NB_THREADS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "workloads/workload.h"

struct measure_job;
struct threads;

/*
 * What a job offers to one of `count` threads, counted from 0: data of its own (another seed), and
 * a part of its own of the job's part of the scratch, so that none overwrites another's data.
 */
struct workload_env thread_env(const struct measure_job *job, uint32_t count, uint32_t index);

/*
 * Makes the states of a job and sets them up. The job must outlive the threads. NULL: *why says
 * what failed, and nothing is left behind.
 */
struct threads *threads_new(const struct measure_job *job, struct err *why);

uint32_t threads_count(const struct threads *all);

/* false: pinning was refused, so that the kernel places them. */
bool threads_pinned(const struct threads *all);

/*
 * Divides ops operations among all. *start_ns and *end_ns: when the barrier opened and when the
 * last thread was done. -1: the first failure.
 */
int threads_run(struct threads *all, uint64_t ops, uint64_t *start_ns, uint64_t *end_ns,
		struct err *why);

/* The sum over all states of the workload's digest or found. */
uint64_t threads_sum(const struct threads *all, uint64_t (*of)(const void *state));

/* The first state's note; NULL or "": none. */
const char *threads_note(const struct threads *all);

/* The latencies of the first state's single operations; zeros where the workload does not record
 * them. */
struct sample_latency threads_latency(const struct threads *all);

/* The aside_ns of the first state, of the last batch; 0: none. */
uint64_t threads_aside_ns(const struct threads *all);

/* The self_reported_ns of the first state, of the last batch; 0: none. */
double threads_self_reported_ns(const struct threads *all);

void threads_free(struct threads *all); /* NULL is fine */

#endif
