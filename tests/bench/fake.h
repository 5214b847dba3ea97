/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A driver without a VM: one thread at the end of a socket plays the agents of all layers, from a
 * script of what is to go wrong. The rows are made up and exact: one operation costs FAKE_NS ×
 * 2^layer; of several copies the last takes twice that.
 */
#ifndef NB_TEST_FAKE_H
#define NB_TEST_FAKE_H

#include "bench/plan/stack.h"
#include "drivers/driver.h"

enum { FAKE_NS = 1000, FAKE_BATCHES = 4 /* warm-up included, what a run must ask for */ };

enum fake_trouble {
	FAKE_FINE,
	FAKE_NO_START,	    /* the layer cannot be started */
	FAKE_OTHER_KERNEL,  /* it runs another nestkernel */
	FAKE_OTHER_DL,	    /* its nestkernel-dl is another */
	FAKE_NO_DL,	    /* it has none */
	FAKE_DIES,	    /* it goes away in the middle of a batch; L0 takes all with it */
	FAKE_HANGS,	    /* it never answers a step; it answers cancel */
	FAKE_DEAF,	    /* nor that */
	FAKE_SKIPS,	    /* every kernel says that it cannot run there */
	FAKE_CRASHES,	    /* nestkernel ends with an error in the second batch */
	FAKE_LIES,	    /* rows tell of other counts */
	FAKE_GARBLES,	    /* rows are no rows */
	FAKE_FLOODS,	    /* thousands of messages under other ids before every answer */
	FAKE_FAST_CLOCK,    /* rows tell of more time than the host saw pass */
	FAKE_DRIFTS,	    /* its clock runs twice as fast as the host's */
	FAKE_SLOW_CLOCK,    /* its clock runs at half the speed of the host's */
	FAKE_JUMPS,	    /* its clock jumps ten seconds ahead */
	FAKE_NEW_CLOCK,	    /* its clocksource changes */
	FAKE_NO_GUEST,	    /* its second sibling cannot be started */
	FAKE_GUEST_DIES,    /* that one goes away in the middle of a batch */
	FAKE_GUEST_SILENT,  /* its third sibling cannot describe itself; the others then can */
	FAKE_GUEST_TWICE,   /* that one does so twice, the last one never */
	FAKE_GUEST_CRASHES, /* its nestkernel ends with an error in a batch of several */
	FAKE_GUEST_HANGS,   /* it answers neither a step nor cancel then */
	FAKE_FREEZES,	    /* it says no word any more while it starts the layer below */
	FAKE_FREEZES_LATE,  /* likewise in the middle of a batch */
	FAKE_FREEZES_BELOW, /* likewise in one of the layer below */
	FAKE_DIES_STARTING, /* it goes away while it starts the layer below */
	FAKE_BOOT_LOST,	    /* its VM is started and does not come up */
	FAKE_STARTS_LONG,   /* it takes four minutes to start the layer below, and says so */
	FAKE_STARTS_EVER,   /* it never ends to do so, and says so */
};

enum { FAKE_ALL_LAYERS = -1, FAKE_GUEST = 2 /* the third sibling */ };

/* Before the run: which layer has which trouble, from which run on (counted over all layers). */
struct fake_script {
	int layer;
	enum fake_trouble trouble;
	int after_runs;
	int times; /* so often it freezes, hangs, dies or does not come up; 0: always */
	/* Readings of noise are made up, ten seconds apart. Bit i: after the reading i, from 1,
	 * others use half of the CPUs of `layer` until the next. 0: no agent knows the request. */
	uint32_t noise;
};

enum { FAKE_QUIET = 1 << 0 }; /* of noise: there are readings */

extern struct fake_script fake_script;
extern const struct driver driver_script;

/* Of a session: the script plays all layers, whose limits are those of VMs. */
extern const struct driver driver_kvm;
/* So deep, at most 3; owned by the fake. */
const struct stack *scripted_stack(uint32_t depth);

/* The machine's clock; it jumps when a fake layer hangs, so that time limits come at once. */
extern const struct clock fake_clock;

/* How often a kernel has hung; whoever wants to know begins with 0. */
extern int fake_hangs;

/* How many runs named a number of threads; likewise. */
extern int fake_threads_named;

/* How many fake agents are there now; 0 when everything was stopped. */
extern int fake_agents;

#endif
