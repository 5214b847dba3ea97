/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the link: requests and what answers mean (link.c), and waiting for them
 * (link_wait.c). */
#ifndef NB_LINK_PARTS_H
#define NB_LINK_PARTS_H

#include "bench/link/link.h"

/* The layer at the other end of the channel. */
int link_root(const struct link *l);

/* Whether all that the last request was for can be reached; if not, why, as the err. Returns -1. */
bool link_reachable(const struct link *l, int to);
int link_gone_err(const struct link *l, int to, struct err *err);

/* Sends one message; body is released. */
int link_send(struct link *l, json_int_t id, int to, const char *verb, json_t *body,
	      struct err *err);

/* What a message means for request id to layer `to`; -1: nothing, it is dropped. */
int link_classify(struct link *l, json_t *m, json_int_t id, int to, struct err *err);

#endif
