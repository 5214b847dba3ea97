/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is a layer's clock to be believed? Its reading is bracketed by two readings of the machine's
 * clock; of several such exchanges the one with the smallest round trip wins (Cristian,
 * "Probabilistic clock synchronization", 1989). Two checks some time apart give the rate of the
 * layer's clock against the machine's, within half a round trip at each end.
 */
#ifndef NB_CLOCKCHECK_H
#define NB_CLOCKCHECK_H

#include <stdbool.h>

#include "bench/link.h"

enum { CLOCK_EXCHANGES = 5 };
/* A clock that is further off than this makes a layer's rows suspect. */
#define CLOCK_TOLERANCE 0.005

struct clock_reading {
	uint64_t machine_ns; /* middle of the round trip; 0: nothing was read */
	uint64_t layer_ns;
	uint64_t round_trip_ns;
	uint64_t agent_cpu_ns; /* CPU time that the layer's agent has used so far */
	char clocksource[32];
};

/* -1 when the layer does not answer. */
int clock_read(struct link *l, int layer, struct clock_reading *out, struct err *err);

/*
 * The rate of the layer's clock between two readings (1: as fast as the machine's) and how far that
 * can be off, as a share. NAN when there is no time between them.
 */
double clock_rate(const struct clock_reading *from, const struct clock_reading *to,
		  double *uncertainty);

/*
 * Whether the layer's clock went wrong between two readings: its source changed, or its rate is off
 * by more than CLOCK_TOLERANCE beyond the uncertainty. Fills why.
 */
bool clock_is_wrong(const struct clock_reading *from, const struct clock_reading *to, char *why,
		    size_t size);

#endif
