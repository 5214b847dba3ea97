/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long the orchestrator waits for a layer: every limit derives from how deep the layer is and
 * from what was seen of it in this boot. How long it took to come up tells how slow it is, whatever
 * the accelerator; a depth's share is the floor, for what is seen of a fast layer says little.
 */
#ifndef NB_TIMEOUTS_H
#define NB_TIMEOUTS_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/link/channel.h"
#include "drivers/driver.h"

/* What was seen of the layers. Zeroed: nothing. */
struct timeouts {
	const struct layer_tree *tree;	  /* borrowed; NULL: a chain */
	uint64_t boot_ns[LAYERS_MAX + 1]; /* from the start of its domain until its agent spoke */
	uint64_t gap_ns[LAYERS_MAX + 1];  /* the longest silence between two signs of life */
};

/*
 * Silence of a layer that owes a sign of life (one a second from an agent that is busy, an answer
 * to a ping from one that is not): beyond, it is taken for frozen. At most TIMEOUTS_SILENCE_MAX_NS.
 */
#define TIMEOUTS_SILENCE_MAX_NS (600 * UINT64_C(1000000000))
uint64_t timeouts_silence_ns(const struct timeouts *t, uint32_t layer);

/* An answer that takes some work, as a description. */
uint64_t timeouts_talk_ns(const struct timeouts *t, uint32_t layer);

/* How long the start of a layer may take. */
struct start_limit {
	uint64_t attempt_ns; /* one attempt; the user's, where the spec has it */
	uint64_t total_ns;   /* all attempts, and what the driver does around them */
};

/* From what the driver says, and from how long the parent layer took to come up. */
struct start_limit timeouts_start(const struct timeouts *t, const struct driver *driver,
				  const struct layer_spec *spec);

/* What is known of a kernel before a layer calibrates it. */
struct timeouts_hint {
	/* In the nearest outer layer that could tell; 0: none could. */
	uint64_t setup_ns, op_ns;
	bool of_user; /* a program of the user's, of any length */
	bool hung;    /* it did not end in an outer layer */
};

/*
 * A kernel that is calibrated: its setup, and then batches until one takes batch_ns
 * (measure_calibrate(): that takes less than eight times as long, or two operations that are longer
 * themselves). Its limits derive from that, and from what the outer layers took. Where none of them
 * could tell, there is an allowance for the first operation; a kernel that has used it up there
 * gets none: if it is slow it will be no faster here, and if it only hangs there it needs none.
 */
uint64_t timeouts_calibration_setup_ns(const struct timeouts *t, uint32_t layer,
				       const struct timeouts_hint *hint);
uint64_t timeouts_calibration_ns(const struct timeouts *t, uint32_t layer, uint64_t batch_ns,
				 const struct timeouts_hint *hint);

/* The setup of a kernel that took seen_ns there when it was calibrated; 0: not known. */
uint64_t timeouts_setup_ns(const struct timeouts *t, uint32_t layer, uint64_t seen_ns);

/* A batch that should take expected_ns; 0: unknown. */
uint64_t timeouts_batch_ns(const struct timeouts *t, uint32_t layer, uint64_t expected_ns);

#endif
