/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets of both ends of the net kernels (net_peer.c and net_client.c). */
#ifndef NB_NET_SOCKET_H
#define NB_NET_SOCKET_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/* How long either end waits for the other before it gives up. */
enum { NET_SECONDS = 10 };

/* "HOST:PORT", IPv4 in digits. */
int net_parse_address(const char *text, struct sockaddr_in *out, struct err *err);

/* What every connection gets: no waiting for more to send, and no waiting without end to send it.
 */
int net_set_up(int fd);

/* What a client's gets too: an answer that does not come is an error. */
int net_limit_receive(int fd);

/* A socket that listens at such a place, which then says what port it is if 0 was asked for; -1:
 * errno says why not. */
int net_listen(struct sockaddr_in *at, int backlog);

/* A connection to such an address; the caller closes it. */
int net_dial(const char *address, struct err *err);

/* All of it; false: it ended early, errno says why. */
bool net_get(int fd, void *data, size_t len);
bool net_put(int fd, const void *data, size_t len);

#endif
