/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is a layer's clock to be believed? Its reading is bracketed by two readings of the machine's
 * clock; of several such exchanges the one with the smallest round trip wins (Cristian,
 * "Probabilistic clock synchronization", 1989). Two checks some time apart give the rate of the
 * layer's clock against the machine's, within half a round trip at each end.
 *
 * A clock is watched from boot to boot: over all of the time, which finds the smallest difference
 * of rate, and from one check to the next, which finds jumps and what went wrong for a while only.
 */
#ifndef NB_CLOCKCHECK_H
#define NB_CLOCKCHECK_H

#include <stdbool.h>

#include "bench/link/link.h"
#include "lib/facts.h"

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

/* A layer's clock since its boot. Zeroed: nothing was seen yet. */
struct clock_watch {
	struct clock_reading first, last; /* machine_ns 0: there is none */
	double worst_rate;    /* between two checks, furthest from 1; 0: there is none */
	uint32_t wrong_round; /* the first round that is in doubt; 0: the clock is right */
	char why[160];	      /* what is wrong with it; "" */
};

/*
 * Takes a reading, made before the round `next_round` (behind the last round: that one's number
 * plus 1). True when it shows, for the first time, that the clock is wrong: its source changed, or
 * its rate is off by more than CLOCK_TOLERANCE beyond the uncertainty, since the first reading or
 * since the one before. What lies between the last two readings is in doubt, too.
 */
bool clock_watch_see(struct clock_watch *w, const struct clock_reading *now, uint32_t next_round);

/* What is known of the clock, for layers.csv: clock_rate, clock_offset_change_ns, …; nothing
 * without two readings. */
void clock_watch_facts(const struct clock_watch *w, struct facts *facts);

#endif
