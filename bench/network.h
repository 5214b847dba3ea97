/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The network between a layer and the one below, for net kernels only: the layer above serves on
 * its loopback, which the guest reaches through QEMU's user-mode network. No privilege is needed.
 */
#ifndef NB_NETWORK_H
#define NB_NETWORK_H

#include "bench/base/child.h"

/* The server: a nestkernel of this layer, on a free port of its loopback, until it is stopped. */
struct net_server {
	struct child child;
	int port; /* 0: none */
};

#define NET_SERVER_NONE                                                                            \
	{                                                                                          \
		.child = CHILD_NONE                                                                \
	}

int net_server_start(struct net_server *s, struct err *err);
void net_server_stop(struct net_server *s);

/*
 * In a guest: the peer that the kernel's command line names, after the card was brought up. The
 * caller frees *peer, which is NULL when there is no network, and set even when the card cannot be
 * brought up: net kernels then find that it cannot be reached. cmdline: /proc/cmdline, or a file
 * for tests.
 */
int net_guest_setup(const char *cmdline, char **peer, struct err *err);

#endif
