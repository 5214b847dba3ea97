/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The parts of the agent: its messages (agent.c), its heartbeats (agent_heartbeat.c), its child
 * layer (agent_below.c) and the counters of it (agent_count.c), its runs of nestkernel
 * (agent_kernel.c) and what it knows of them (agent_probe.c).
 */
#ifndef NB_AGENT_PARTS_H
#define NB_AGENT_PARTS_H

#include <jansson.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>

#include "bench/agent/agent.h"
#include "bench/agent/guest_devices.h"
#include "bench/agent/guest_net.h"
#include "bench/agent/layer_message.h"
#include "bench/link/channel.h"
#include "bench/plan/profile.h"
#include "drivers/driver.h"
#include "drivers/host/placement.h"
#include "lib/child.h"
#include "lib/sample.h"

/* One child layer, or a sibling of one. */
struct agent_guest {
	struct layer layer;
	json_t *request; /* to start it; what the layer's spec points into */
	struct text_list options;
	struct channel channel;
	struct assignment assignment; /* what it has from this layer */
	struct placement place;
	int garbled; /* lines of it that were no message */
};

enum { COPY_DIR = 256 };

/* One nestkernel of the present run. */
struct agent_copy {
	struct child child;
	struct buf out;
	char dir[COPY_DIR]; /* it works in; removed with the run; "": none */
};

/*
 * Whether a workload can run in this layer: found out once a boot, so that all rounds agree and no
 * trial is paid for twice.
 */
struct agent_probe {
	struct agent_probe *next;
	char *key;     /* of the workload */
	bool passed;   /* it can */
	char *refusal; /* it cannot: the row that says why; NULL: not known to be so */
};

struct agent;

/*
 * Heartbeats while the agent is busy with a request and cannot answer another: a thread sends
 * `busy` up, once a second, with what is waited for. Nothing else is sent meanwhile.
 */
struct heartbeat {
	struct agent *agent;
	json_int_t id;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	char what[64];
	bool ended;
};

/* -1: there can be no thread. Behind heartbeat_end nothing more is sent. */
int heartbeat_begin(struct heartbeat *b, struct agent *a, json_int_t id, struct err *err);
void heartbeat_end(struct heartbeat *b);

/* What is waited for from now on; for waits_for of struct layer_spec. */
void heartbeat_tell(void *heartbeat, const char *what);

struct agent {
	struct channel up;
	uint64_t lease_ns, heard_ns; /* see agent_serve; when something last came */
	json_t *configured;	     /* the message that said what follows; NULL: not yet */
	int layer, depth;
	struct layer_inside inside;
	struct agent_guest *guest[GUESTS_MAX]; /* child layers and their siblings; NULL: none */
	/* The child layer that leads to each layer is guest[route - 1]; 0: there is none. */
	int route[LAYERS_MAX];
	struct net_guest net; /* what our net kernels talk to */
	struct agent_copy copy[COPIES_MAX];
	uint32_t copies;	    /* of the present run */
	uint32_t ready;		    /* of them so many are set up */
	uint32_t ended;		    /* and so many have ended well */
	struct agent_probe *probes; /* of all runs in this boot */
	struct agent_probe *probe;  /* of the present run; NULL: out of memory */
	json_int_t run_id;	    /* 0: there is no run */
	int talk, talk_to;	/* a pipe, whose other end is stderr of all its copies; -1: none */
	char said[400];		/* the first line that came of it, for the reason of a failure */
	bool said_all;		/* that line is whole; the rest is dropped */
	struct placement place; /* of kernels, and of child layers; empty until described */
	int measured;		/* kernels run on the first so many of its CPUs */
	bool prepared;		/* see prepare_guest */
	bool stopping;
};

/* Answers request id; body (released here) holds further members. -1: the parent layer is gone. */
int agent_answer(struct agent *a, json_int_t id, const char *is, json_t *body);
int agent_answer_error(struct agent *a, json_int_t id, const struct err *err);

/* The members of an error; NULL: out of memory. */
json_t *agent_error_body(const struct err *err);

/* Hands a message (released here; NULL: out of memory) up. -1 as above. */
int agent_send_up(struct agent *a, json_t *message);

json_t *agent_facts_to_json(const struct facts *facts);

/* The request start_child; and the end of all guests, of which nothing is left then. */
void agent_guest_start(struct agent *a, json_int_t id, json_t *request);
void agent_guests_stop(struct agent *a);

/* The request count: the counters of a child layer, of all its siblings together. */
void agent_guest_count(struct agent *a, json_int_t id, json_t *request);

/* Whether a layer stands in this one. */
bool agent_leads_to(const struct agent *a, json_int_t layer);

/* The request examine_child: what is left of a guest that does not answer
 * (bench/link/evidence_message.h). */
void agent_guest_examine(struct agent *a, json_int_t id, json_t *request);

/* Hands a request (borrowed) down to the guests that it is for. */
void agent_pass_down(struct agent *a, json_int_t id, json_t *request);

/* Hands up what comes from a guest (when its channel is readable). */
void agent_from_below(struct agent *a, int guest);

/* What is known of the workload of a request `run`; at first nothing. NULL: out of memory. */
struct agent_probe *agent_probe_of(struct agent *a, json_t *request);
void agent_probes_release(struct agent *a);

/* Its first word: row is NULL, it is set up; or the row that line holds. probe may be NULL. */
void agent_probe_learn(struct agent_probe *probe, const char *line, const struct sample *row);

/* The requests run and step, and what a copy says meanwhile (when its stdout is readable). */
void agent_run_start(struct agent *a, json_int_t id, json_t *request);
void agent_run_step(struct agent *a, json_int_t id);
void agent_run_output(struct agent *a, uint32_t copy);

/* What copies say on stderr (when the pipe is readable): all is read, and little kept. */
void agent_run_talk(struct agent *a);

/* Ends the present run, if there is one; nothing is answered. */
void agent_run_end(struct agent *a);

#endif
