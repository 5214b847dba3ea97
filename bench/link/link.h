/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The orchestrator's end of the agents' messages: it talks to L0's agent, which hands down what is
 * meant for deeper layers. One request is under way at a time, because one layer is measured at a
 * time.
 */
#ifndef NB_LINK_H
#define NB_LINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "bench/link/channel.h"
#include "bench/link/timeouts.h"
#include "lib/clock.h"
#include "lib/err.h"
#include "lib/layer_tree.h"

/* What an agent may send within one wait that answers nothing; beyond, its layer is given up. */
#define LINK_UNASKED_BYTES (UINT64_C(64) << 20)

struct link {
	struct channel channel;
	const struct clock *clock;
	int interrupt_fd; /* readable once the user wants to stop; -1: never */
	/* Called at least once a second of a wait; NULL: not called. */
	void (*waiting)(void *ctx);
	void *waiting_ctx;
	json_int_t last_id;
	struct layer_tree tree; /* of the layers */
	/* The layer whose agent a layer's messages go through; LAYER_NO_PARENT: it is at the other
	 * end of the channel. */
	uint32_t via[LAYERS_MAX + 1];
	bool up[LAYERS_MAX + 1];       /* layers that can be reached */
	char why[LAYERS_MAX + 1][256]; /* a layer went away; "" while it did not */
	int lost;		       /* the last layer that went away; -1: none did */
	int guests; /* of the last layer so many siblings can be reached; 1 with the layer */
	char guest_gone[256]; /* why there are not more */
	int asked;	      /* how many the last request was for */
	int failed;	      /* which of them the last error came from */
	const char *verb;     /* the last request; borrowed */
	struct timeouts
		timeouts; /* what is known of the layers; whichever caller knows more adds it */
	uint64_t asked_ns, heard_ns; /* when the last request went out, its layer last spoke */
	uint64_t pinged_ns;	     /* and when it was asked meanwhile whether it lives; 0: not */
	char doing[64];		     /* what that layer says it waits for; "" */
	bool silent;		     /* the last layer that went away did so by falling silent */
	uint32_t losses;	     /* how often a layer, or a sibling, went away */
	bool start_lost;	     /* the last request started a VM that did not come up */
	json_t *evidence;	     /* of the last loss, as its parent sent it; NULL: it did not */
	json_int_t aside; /* the request that goes on while another one is made; 0: none does */
	json_t *kept;	  /* what was said meanwhile under its id, an array; NULL: nothing */
};

/* Which sibling an answer comes from: 0 … guests-1. */
int link_guest_of(const json_t *message);

/* fd: the stream to L0's agent; not owned. clock: of the machine; deadlines and stamps come from
 * it. */
void link_open(struct link *l, int fd, const struct clock *clock, int interrupt_fd);
void link_release(struct link *l);

/* The layers and their ways, in place of a chain, at whose begin the agent stands that the stream
 * leads to: L0's or the relay. None but that is reachable yet. via: of each layer. */
void link_layers(struct link *l, const struct layer_tree *tree, const uint32_t *via);

/* A layer was started: it can be reached. */
void link_up(struct link *l, int layer);

/* How many layers can be reached, the relay not counted; of which L0, while it can be, is one. */
int link_alive(const struct link *l);

/* Its name; the relay's too. */
const char *link_name(const struct link *l, int layer);

/* Why the last layer went away; "" while none did. */
const char *link_gone(const struct link *l);

/*
 * Sends the request `verb` (a literal, kept for messages) to layer `to` with the members of body
 * (released here; NULL: none). Returns its id, or -1. A layer that is gone is refused with what
 * happened to it. With a member `guests` in the body the request is for so many siblings at once,
 * of which each answers.
 */
json_int_t link_ask(struct link *l, int to, const char *verb, json_t *body, struct err *err);

/* Sends another message to all that were asked under an id that is under way (step, cancel). */
int link_tell(struct link *l, json_int_t id, int to, const char *verb, struct err *err);

/* 0 is none of them. */
enum link_event {
	LINK_READY = 1,
	LINK_ROW,
	LINK_DONE,
	LINK_ERROR,
	LINK_GONE,
	LINK_TIMEOUT,
	LINK_INTERRUPT
};

/*
 * Waits for the next answer to request id from layer `to`, at most limit_ns.
 * READY, ROW, DONE: *message is the answer; the caller releases it.
 * ERROR: the agent refused or failed; GONE: the layer can no longer be reached; TIMEOUT: it did not
 * answer in time; INTERRUPT: the user wants to stop. These fill the err and leave *message NULL.
 */
enum link_event link_wait(struct link *l, json_int_t id, int to, uint64_t limit_ns,
			  json_t **message, struct err *err);

/*
 * The same from a layer that owes heartbeats meanwhile: its agent sends `busy` once a second
 * while it cannot answer anything else (see agent.h), or answers a ping. One that does neither for
 * timeouts_silence_ns() is lost (GONE), with what it was last heard doing; where an outer layer
 * does not answer a ping either, that one is. Of several siblings, silence says nothing. Never
 * while a batch is measured: nothing else may be awake in its layer then.
 */
enum link_event link_wait_alive(struct link *l, json_int_t id, int to, uint64_t limit_ns,
				json_t **message, struct err *err);

/* link_ask and link_wait_alive for requests with one answer. 0 with *done (caller releases), or -1.
 */
int link_call(struct link *l, int to, const char *verb, json_t *body, uint64_t limit_ns,
	      json_t **done, struct err *err);

/*
 * The same while request `under_way` is: what comes of that meanwhile is kept for who waits for it.
 */
int link_call_aside(struct link *l, json_int_t under_way, int to, const char *verb, json_t *body,
		    uint64_t limit_ns, json_t **done, struct err *err);

/* Declares a layer, and all that are reached through it, unreachable, for the reason given. */
void link_lose(struct link *l, int layer, const char *reason);

/* Says more of how the last layer went away: "L2 is gone: QEMU ended" and ", while ", "…". */
void link_lost_more(struct link *l, const char *before, const char *more);

/* Declares the sibling `guest` (at least 1) of the last layer, and those behind it, unreachable.
 */
void link_lose_guest(struct link *l, int guest, const char *reason);

#endif
