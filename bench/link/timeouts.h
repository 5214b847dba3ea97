/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How long the orchestrator waits for a layer: every limit derives from how deep the layer is and
 * from what was seen of it in this boot. How long it took to come up tells how slow it is, whatever
 * the accelerator; a depth's share is the floor, for what is seen of a fast layer says little.
 */
#ifndef NB_PATIENCE_H
#define NB_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/link/channel.h"

/* What was seen of the layers. Zeroed: nothing. */
struct patience {
	uint64_t boot_ns[DEPTH_MAX + 1]; /* from the start of its domain until its agent spoke */
	uint64_t gap_ns[DEPTH_MAX + 1];	 /* the longest silence between two signs of life */
};

/* Patience with libvirt as a whole, which may be a system's own. */
enum patience_libvirt { PATIENCE_EMBEDDED, PATIENCE_SYSTEM };

/*
 * Silence of a layer that owes a sign of life (one a second from an agent that is busy, an answer
 * to a ping from one that is not): beyond, it is taken for frozen. At most PATIENCE_SILENCE_MAX_NS.
 */
#define PATIENCE_SILENCE_MAX_NS (600 * UINT64_C(1000000000))
uint64_t patience_silence_ns(const struct patience *p, uint32_t layer);

/* An answer that takes some work, as a description. */
uint64_t patience_talk_ns(const struct patience *p, uint32_t layer);

/*
 * One attempt to boot `layer` (at least 1) with the layer above's libvirt, and all that starting it
 * may take with such a limit: there may be several attempts, and each may take longer than the
 * limit where the VM waits for a CPU (drivers/libvirt/boot_limit.h).
 */
uint64_t patience_boot_ns(const struct patience *p, uint32_t layer, enum patience_libvirt libvirt);
uint64_t patience_start_ns(uint64_t boot_ns);

/* What is known of a kernel before a layer calibrates it. */
struct patience_hint {
	/* In the nearest layer above that could tell; 0: none could. */
	uint64_t setup_ns, op_ns;
	bool of_user; /* a program of the user's, of any length */
	bool hung;    /* it did not end in a layer above */
};

/*
 * A kernel that is calibrated: its setup, and then batches until one takes batch_ns
 * (measure_calibrate(): that takes less than eight times as long, or two operations that are longer
 * themselves). Its limits derive from that, and from what the layer above took. Where none above
 * could tell, there is an allowance for the first operation; a kernel that has used it up above
 * gets none: if it is slow it will be no faster here, and if it only hangs there it needs none.
 */
uint64_t patience_calibration_setup_ns(const struct patience *p, uint32_t layer,
				       const struct patience_hint *hint);
uint64_t patience_calibration_ns(const struct patience *p, uint32_t layer, uint64_t batch_ns,
				 const struct patience_hint *hint);

/* The setup of a kernel that took seen_ns there when it was calibrated; 0: not known. */
uint64_t patience_setup_ns(const struct patience *p, uint32_t layer, uint64_t seen_ns);

/* A batch that should take expected_ns; 0: nobody knows. */
uint64_t patience_batch_ns(const struct patience *p, uint32_t layer, uint64_t expected_ns);

#endif
