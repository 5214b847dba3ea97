/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages between agents: one JSON object a line over a byte stream.
 *
 * A request carries `id` (chosen by the asker), `to` (number of the layer it is for) and `do`.
 * An agent that is not meant hands it down to the child layer on the way, which it knows from the
 * requests by which layers were started. Of siblings, which only the deepest layer of a chain has,
 * the first is meant, or the first `guests` of them, each told by `guest` (from 0) which one it is;
 * that member is also put into what each of them answers. Every request is answered by any number
 * of intermediate answers and exactly one final `done` or `error`, all with the request's `id`,
 * with `from` and `is`. Messages that answer nothing (`hello` when an agent comes up, `listening`
 * when it waits for calls of the parent layer on its network, `gone` when a layer died) have id 0.
 * An empty line is no message: it shows that the sender lives.
 *
 * What comes up from a guest is untrusted: lines are bounded, objects are checked by their readers.
 */
#ifndef NB_CHANNEL_H
#define NB_CHANNEL_H

#include <jansson.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/layer_tree.h"

/* The relay is in place of a layer an agent on this machine that is not measured: where the first
 * layer is a machine elsewhere, it starts, and speaks to, the layers that are reached from here. */
enum { MESSAGE_LIMIT = 1 << 20, DEPTH_MAX = 8, LAYER_RELAY = LAYERS_MAX };

struct channel {
	int fd_in, fd_out; /* not owned; -1: closed */
	struct buf in;	   /* received, not yet taken */
	size_t taken;	   /* bytes of `in` that were handed out already */
};

#define CHANNEL_INIT                                                                               \
	{                                                                                          \
		.fd_in = -1, .fd_out = -1                                                          \
	}

/* Takes over two file descriptors (they may be the same) and makes them non-blocking. */
void channel_open(struct channel *c, int fd_in, int fd_out);
void channel_release(struct channel *c);

/* Reads what is there. 1: something may have come; 0: the other side closed; -1: an error. */
int channel_fill(struct channel *c, struct err *err);

/*
 * The next whole message, which the caller releases with json_decref. NULL with err->text empty:
 * none yet; NULL with a text: the line was no JSON object or too long (EXIT_INTERNAL); the stream
 * continues behind it.
 */
json_t *channel_take(struct channel *c, struct err *err);

/* Sends and releases the message (NULL is "out of memory"); waits while the other side is slow, at
 * most 30 s. */
int channel_send(struct channel *c, json_t *message, struct err *err);

#endif
