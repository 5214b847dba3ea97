/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the work itself remarks in its ok rows: the backend and device, where the peer is, how late
 * the slowest sleeper was. It stands in the column `reason`, among words of nestbench's own. It
 * comes from guests: all that is done with it is to show it.
 */
#ifndef NB_REMARK_H
#define NB_REMARK_H

#include <stdbool.h>

#include "lib/sample.h"

/* Of the single operations of a batch (p95 and p99 of a summary are over batches), in ns. NAN: not
 * told. */
struct latency {
	float p50, p99, max;
};

#define LATENCY_NONE ((struct latency){NAN, NAN, NAN})

struct remark {
	char text[SAMPLE_REASON]; /* printable ASCII; "" */
	struct latency latency;
};

/*
 * Takes the reason of an ok row apart. Left out is what nestbench says itself: the warm-up, a short
 * batch, the fastest of several copies, what the round repeats. The latency, which is not in the
 * text, is read from exactly "p50 N UNIT p99 N UNIT max N UNIT", in ascending order.
 */
void remark_read(const char *reason, struct remark *out);

#endif
