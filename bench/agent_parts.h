/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the agent: its messages and layer below (agent.c) and its runs of nestkernel
 * (agent_kernel.c).
 */
#ifndef NB_AGENT_PARTS_H
#define NB_AGENT_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "bench/agent.h"
#include "bench/base/child.h"
#include "bench/channel.h"
#include "bench/lend.h"
#include "bench/network.h"
#include "drivers/driver.h"
#include "drivers/placement.h"

struct agent {
	const struct agent_options *opt;
	struct channel up, down;
	struct layer child;
	bool child_up;
	int garbled;	      /* lines of the child that were no message */
	struct loan loan;     /* what the child has from this layer */
	struct net_guest net; /* what our net kernels talk to */
	char child_run[48];
	struct child kernel;
	struct buf kernel_out;
	json_int_t run_id;
	struct placement place; /* of kernels, and of the layer below; empty until described */
	char cpus[1024];	/* what kernels are pinned to, "0,2" */
	bool prepared;		/* see prepare_guest */
	bool stopping;
};

/* Answers request id; body (released here) holds further members. -1: nobody hears us any more. */
int agent_answer(struct agent *a, json_int_t id, const char *is, json_t *body);
int agent_answer_error(struct agent *a, json_int_t id, const struct err *err);

/* The requests run and step, and what nestkernel says meanwhile (when its stdout is readable). */
void agent_run_start(struct agent *a, json_int_t id, json_t *request);
void agent_run_step(struct agent *a, json_int_t id);
void agent_run_output(struct agent *a);

/* Ends the run that goes on, if there is one; nothing is answered. */
void agent_run_end(struct agent *a);

#endif
