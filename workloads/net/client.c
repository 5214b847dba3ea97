/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/parse.h"
#include "workloads/net/peer.h"
#include "workloads/net/socket.h"

/* A connection to a thread of this process. */
static int loop_back(struct err *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char address[NET_ADDRESS];
	int listener = net_listen(&at, 1), fd, peer = -1;

	if (listener < 0)
		return err_errno(err, EXIT_MACHINE, "cannot listen on loopback");
	snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(at.sin_port));
	fd = net_dial(address, err);
	if (fd >= 0)
		peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (peer >= 0)
		net_peer_start(peer);
	close(listener);
	return fd;
}

/* Accepts the next connection of the parent layer, on an inherited listening socket: "KIND@FD". */
static int answer(const char *peer, struct err *err)
{
	uint64_t listener;
	struct pollfd p = {.events = POLLIN};
	int fd = -1;

	if (parse_u64(strchr(peer, '@') + 1, "listening socket", 3, INT_MAX, &listener, err) < 0)
		return -1;
	p.fd = (int)listener;
	if (poll(&p, 1, NET_SECONDS * 1000) == 0)
		return err_set(err, EXIT_MACHINE, "the parent layer did not connect within %d s",
			       NET_SECONDS);
	fd = accept4(p.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0 && net_set_up(fd) == 0)
		return fd;
	err_errno(err, EXIT_MACHINE, "cannot accept the connection of the parent layer");
	if (fd >= 0)
		close(fd);
	return -1;
}

int net_reach(const char *peer, struct err *err)
{
	int fd = !peer		     ? loop_back(err)
		 : strchr(peer, '@') ? answer(peer, err)
				     : net_dial(peer, err);

	if (fd < 0 || net_limit_receive(fd) == 0)
		return fd;
	err_errno(err, EXIT_INTERNAL, "cannot set up a connection");
	close(fd);
	return -1;
}

int net_probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	int fd;

	if (env->net_peer && strcmp(env->net_peer, "none") == 0)
		return err_set(err, EXIT_MACHINE, "this layer has no network to its parent layer");
	fd = net_reach(env->net_peer, err);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

void net_say_where(const struct workload_env *env)
{
	if (env->net_peer && strchr(env->net_peer, '@'))
		note_add(env, "%.*s link to the parent layer", (int)strcspn(env->net_peer, "@"),
			 env->net_peer);
	else if (env->net_peer)
		note_add(env, "peer %.40s", env->net_peer);
	else
		note_add(env, "loopback: the peer is a thread of the same process");
}

int net_connect(struct net_client *c, const struct workload_env *env, char request, struct err *err)
{
	int fd = net_reach(env->net_peer, err);

	if (fd < 0)
		return -1;
	c->fd = fd;
	net_say_where(env);
	return net_send(c, &request, 1, err);
}

void net_teardown(void *state)
{
	close_fd(&((struct net_client *)state)->fd);
}

int net_send(const struct net_client *c, const void *data, size_t len, struct err *err)
{
	return net_put(c->fd, data, len) ? 0
					 : err_errno(err, EXIT_MACHINE, "cannot send to the peer");
}

int net_receive(const struct net_client *c, void *data, size_t len, struct err *err)
{
	return net_get(c->fd, data, len) ? 0
					 : err_errno(err, EXIT_MACHINE, "the peer does not answer");
}
