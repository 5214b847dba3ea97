/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The measuring loop: probe, setup, batches, teardown of one workload; one sample per batch.
 *
 * That a workload cannot run or fails is a result, not an error: measure_run() then emits one row
 * (skip: the probe said no; fail: setup or a batch failed) and returns 0. It returns -1 only when
 * the instrument itself fails: the sink, the go hook, memory, a clock that stands still.
 */
#ifndef NB_MEASURE_H
#define NB_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/clock.h"
#include "lib/err.h"
#include "lib/sample.h"
#include "workloads/workload.h"

struct measure_job {
	const struct workload *workload;
	const uint64_t *arg; /* of workload_parse_params() */
	struct workload_env env;
	const struct clock *clock;
	bool probed;	  /* that it can run here is known; its probe is not asked */
	const char *stat; /* where steal is read; NULL: /proc/stat */
	/* Threads (threads.h); 0: one, or one on each CPU with WORKLOAD_EVERY_CPU. */
	uint32_t threads;
	uint64_t ops;	  /* in each batch, of all threads together; at least 1 */
	uint64_t batches; /* that are measured */
	uint64_t warm_up; /* batches before them, flagged SAMPLE_WARM_UP */
	/*
	 * Called before every batch, the first time when setup is done; may block until the batch
	 * is to start. 1: go on; 0: stop here, in order; -1: an error. NULL: always go.
	 */
	int (*go)(void *ctx, struct err *err);
	void *go_ctx;
};

#define MEASURE_DEFAULT_TARGET_NS (50 * NS_PER_MS)

/*
 * Samples are numbered 1, 2, … with the warm-up first. The reason of an ok row is "" or its
 * remarks, separated by "; ": the note of the workload, and "N threads" where the workload chose
 * their number. elapsed_ns is from the opening of the start barrier until the last thread was done,
 * less the waits that the operations asked for (wait_ns_per_op).
 */
int measure_run(const struct measure_job *job, const struct sample_sink *sink, struct err *err);

/*
 * Finds how many operations take target_ns: doubles the count until a batch takes that long, scales
 * it and runs it once more. job->ops, batches and warm_up are not used, go is asked once;
 * WORKLOAD_ONCE gives 1 without a run. The sink gets that last run as row 0 (ops is the count
 * found), or the skip or fail row.
 */
int measure_calibrate(const struct measure_job *job, uint64_t target_ns,
		      const struct sample_sink *sink, struct err *err);

/* Steal of all CPUs so far, from a file in the format of /proc/stat; 0: not known. */
uint64_t measure_steal_ns(const char *stat);

#endif
