/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets of both ends of the net kernels (peer.c and client.c). */
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

/* Options of every connection: no Nagle delay, and a timeout for sending. */
int net_set_up(int fd);

/* A client's connection also has a timeout for receiving: a missing answer is an error. */
int net_limit_receive(int fd);

/* A socket that listens at such an address, in which port 0 becomes the one that was chosen; -1
 * with errno. */
int net_listen(struct sockaddr_in *at, int backlog);

/* Connects to such an address; the caller closes the descriptor. */
int net_dial(const char *address, struct err *err);

/* Transfers all bytes; false: the connection ended early, errno says why. */
bool net_get(int fd, void *data, size_t len);
bool net_put(int fd, const void *data, size_t len);

#endif
