/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One job: one workload once in one layer, driven batch by batch over the link, so that the host
 * starts every batch and stamps it with its own clock while nothing else is awake in the layer.
 */
#ifndef NB_MEASURING_H
#define NB_MEASURING_H

#include "bench/link/link.h"
#include "bench/plan/profile.h"
#include "lib/sample.h"

/* What looks on, between batches, while the run of that id waits. -1 with an err ends the run as
 * where the sink fails. */
struct batch_watch {
	int (*begin)(void *ctx, json_int_t id, struct err *err); /* ready for the first batch */
	/* Behind a batch that was measured. */
	int (*batch)(void *ctx, json_int_t id, const struct sample *s, struct err *err);
	void *ctx;
};

struct measuring {
	const struct work *work;
	uint32_t layer;
	uint32_t guests; /* sibling VMs of that layer that do it at once; at least 1 */
	uint32_t copies; /* in each of them; at least 1 */
	uint32_t spread; /* the copies stand for so many VMs, each with CPUs of its own; at least 1
			  */
	uint64_t touch_bytes; /* by a capacity, see profile.h */
	uint64_t seed;
	uint64_t ops;	   /* per batch; 0: calibrate to batch_ns, one row whose ops is the count */
	uint64_t batch_ns; /* calibration only */
	uint64_t batches, warm_up;	 /* measuring only */
	uint64_t setup_limit_ns;	 /* from the request until the kernel is ready */
	uint64_t batch_limit_ns;	 /* for each batch */
	const struct batch_watch *watch; /* of what is measured; NULL: nothing */
	uint64_t *setup_ns; /* out: what the setup took; left alone where it failed; or NULL */
};

/*
 * Runs the job and puts at least one row into the sink: its batches, or a skip, fail or timeout row
 * that says why. Rows are checked against what was asked. -1 only when the sink fails or the user
 * interrupts.
 */
int measuring_run(const struct measuring *m, struct link *link, const struct sample_sink *sink,
		  struct err *err);

#endif
