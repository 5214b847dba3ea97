/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The network between a layer and its child layer, for net kernels only. The parent layer calls (a
 * nestkernel --call-net of its own) and the guest waits on its card for that call, because a guest
 * must not be able to call out; drivers/host/net_link.h says what carries the packets.
 */
#ifndef NB_NETWORK_H
#define NB_NETWORK_H

#include "lib/child.h"

/*
 * Starts the nestkernel of this layer that serves a guest, by calling it at "HOST:PORT".
 * child_stop() ends it.
 */
int net_server_start(struct child *c, const char *address, struct err *err);

enum { NET_PEER_TEXT = 32 };

/* A guest's end. */
struct net_guest {
	char peer[NET_PEER_TEXT]; /* for nestkernel --net-peer; "": no network was asked for */
	int listener;		  /* what the parent layer calls, kept for nestkernel; -1: none */
};

#define NET_GUEST_NONE                                                                             \
	{                                                                                          \
		.listener = -1                                                                     \
	}

/*
 * In a guest that has said hello: brings up its card, "KIND,ADDRESS/PREFIX", and listens on it.
 * When that fails, peer is "none", so that net kernels say that there is no way.
 */
int net_guest_setup(const char *card, struct net_guest *g, struct err *err);
void net_guest_release(struct net_guest *g);

#endif
