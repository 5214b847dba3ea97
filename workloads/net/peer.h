/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Both ends of the net kernels. The peer serves TCP connections, one thread each and only a few; a
 * connection's first byte is the request:
 *   'r'  round trips: every byte comes back;
 *   's'  streams: eight bytes say how many will follow (both in network order, at most
 *        NET_STREAM_MAX); when they are all there, eight bytes of their checksum go back; and so
 *        on;
 *   'G'  the first letter of an HTTP request (http.h).
 * Clients may be guests: nothing they send is trusted.
 */
#ifndef NB_NET_PEER_H
#define NB_NET_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "workloads/lib/state.h"

#define NET_STREAM_MAX (UINT64_C(1) << 40)
enum { NET_CLIENTS = 16 };

/* One byte in this many is part of a stream's checksum. */
enum { NET_STRIDE = 1024 };

enum { NET_ADDRESS = 64 };

/*
 * Listens on "HOST:PORT" (IPv4 in digits; port 0: any free one), and serves in threads of its own
 * until the process ends. name is the address with the port.
 */
int net_serve(const char *address, char name[NET_ADDRESS], struct err *err);

/*
 * Connects to a guest that waits at address for connections of its parent layer, and serves it; one
 * connection is always ready for the guest's next net kernel. Runs in threads of its own until the
 * process ends, and retries at least once a second.
 */
int net_call(const char *address, struct err *err);

/* Serves a connection, which it closes, in a thread of its own. */
void net_peer_start(int fd);

/* The states of net kernels begin with it. */
struct net_client {
	struct tally tally;
	int fd; /* 0: none */
};

/* The descriptor's probe: can the peer of this layer be reached? */
int net_probe(const struct workload_env *env, const uint64_t *arg, struct err *err);

/*
 * A connection to a peer as env->net_peer names it; NULL: to a thread of this process. -1: none.
 * net_say_where() notes which it is.
 */
int net_reach(const char *peer, struct err *err);
void net_say_where(const struct workload_env *env);

/*
 * Connects to env->net_peer, or accepts its connection; where it is NULL, connects over loopback to
 * a peer that is started here. The request is 'r' or 's'.
 */
int net_connect(struct net_client *c, const struct workload_env *env, char request,
		struct err *err);
void net_teardown(void *state);

/* Functions of the descriptors. */
#define NET_WORKLOAD                                                                               \
	.class = CLASS_NET, .traits = SAMPLE_LATENCY, .flags = WORKLOAD_THREADS,                   \
	.needs = NEEDS_NET, .threads_max = NET_CLIENTS, .probe = net_probe,                        \
	.digest = tally_digest, .teardown = net_teardown, .known_ops = 100

/* Transfers all bytes, or sets err. */
int net_send(const struct net_client *c, const void *data, size_t len, struct err *err);
int net_receive(const struct net_client *c, void *data, size_t len, struct err *err);

#endif
