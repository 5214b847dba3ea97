/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/net_peer.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/base/parse.h"

enum { CHUNK = 64 << 10, BACKLOG = 8, SECONDS = 10 };

static _Atomic int clients;

static int parse_address(const char *text, struct sockaddr_in *out, struct err *err)
{
	const char *colon = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];
	uint64_t port;

	*out = (struct sockaddr_in){.sin_family = AF_INET};
	if (colon && (size_t)(colon - text) < sizeof(host)) {
		memcpy(host, text, (size_t)(colon - text));
		host[colon - text] = '\0';
		if (inet_pton(AF_INET, host, &out->sin_addr) == 1) {
			if (parse_u64(colon + 1, "port", 0, 65535, &port, err) < 0)
				return -1;
			out->sin_port = htons((uint16_t)port);
			return 0;
		}
	}
	return err_set(err, EXIT_USAGE, "\"%.64s\" is not an address of the form 127.0.0.1:5000",
		       text);
}

static int set_up(int fd)
{
	const struct timeval limit = {.tv_sec = SECONDS};
	const int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static bool get(int fd, void *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t got = recv(fd, (char *)data + at, len - at, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = ECONNRESET;
		if (got <= 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static bool put(int fd, const void *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t sent = send(fd, (const char *)data + at, len - at, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		at += (size_t)sent;
	}
	return true;
}

/* ---- the peer ---- */

static void echo(int fd)
{
	char byte;

	while (get(fd, &byte, 1) && put(fd, &byte, 1))
		;
}

/* Takes one stream; its checksum is a sum over every NET_STRIDE-th byte, weighted by its place. */
static bool take_stream(int fd, char *chunk, uint64_t bytes)
{
	uint64_t at = 0, sum = 0, answer;

	while (at < bytes) {
		uint64_t want = bytes - at < CHUNK ? bytes - at : CHUNK;
		ssize_t got = recv(fd, chunk, want, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		for (uint64_t i = (NET_STRIDE - at % NET_STRIDE) % NET_STRIDE; i < (uint64_t)got;
		     i += NET_STRIDE)
			sum += (uint64_t)(unsigned char)chunk[i] * ((at + i) / NET_STRIDE + 1);
		at += (uint64_t)got;
	}
	answer = htobe64(sum);
	return put(fd, &answer, sizeof(answer));
}

static void sink(int fd)
{
	char *chunk = malloc(CHUNK);
	uint64_t bytes;

	while (chunk && get(fd, &bytes, sizeof(bytes)) && be64toh(bytes) <= NET_STREAM_MAX &&
	       take_stream(fd, chunk, be64toh(bytes)))
		;
	free(chunk);
}

static void *serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char wish;

	if (set_up(fd) == 0 && get(fd, &wish, 1)) {
		if (wish == 'r')
			echo(fd);
		else if (wish == 's')
			sink(fd);
	}
	close(fd);
	atomic_fetch_sub(&clients, 1);
	return NULL;
}

static void start_one(int fd)
{
	pthread_t thread;

	if (atomic_fetch_add(&clients, 1) < NET_CLIENTS &&
	    pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd) == 0) {
		pthread_detach(thread);
		return;
	}
	atomic_fetch_sub(&clients, 1);
	close(fd);
}

static void *serve(void *arg)
{
	int listener = (int)(intptr_t)arg;

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			start_one(fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			usleep(10000); /* out of descriptors, for a while */
	}
	return NULL;
}

int net_serve(const char *address, char name[NET_ADDRESS], struct err *err)
{
	const int on = 1;
	char host[INET_ADDRSTRLEN];
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	pthread_t thread;
	int fd;

	if (parse_address(address, &at, err) < 0)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
		err_errno(err, EXIT_MACHINE, "cannot serve on %.40s", address);
		goto bad;
	}
	snprintf(name, NET_ADDRESS, "%s:%d", inet_ntop(AF_INET, &at.sin_addr, host, sizeof(host)),
		 ntohs(at.sin_port));
	errno = pthread_create(&thread, NULL, serve, (void *)(intptr_t)fd);
	if (errno) {
		err_errno(err, EXIT_INTERNAL, "cannot start the peer");
		goto bad;
	}
	pthread_detach(thread);
	return 0;
bad:
	if (fd >= 0)
		close(fd);
	return -1;
}

/* ---- the client ---- */

static int dial(const char *address, struct err *err)
{
	const struct timeval limit = {.tv_sec = SECONDS};
	struct sockaddr_in to;
	int fd;

	if (parse_address(address, &to, err) < 0)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && set_up(fd) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	err_errno(err, EXIT_MACHINE, "cannot reach the layer above at %.40s", address);
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A connection to a thread of this process. */
static int loop_back(struct err *err)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	char address[NET_ADDRESS];
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd = -1, peer = -1;

	if (listener < 0 || bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener, 1) < 0 || getsockname(listener, (struct sockaddr *)&at, &len) < 0) {
		err_errno(err, EXIT_MACHINE, "cannot listen on loopback");
	} else {
		snprintf(address, sizeof(address), "127.0.0.1:%d", ntohs(at.sin_port));
		fd = dial(address, err);
		if (fd >= 0)
			peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (peer >= 0)
			start_one(peer);
	}
	if (listener >= 0)
		close(listener);
	return fd;
}

int net_probe(const struct workload_env *env, const uint64_t *arg, struct err *err)
{
	int fd;

	(void)arg;
	if (env->net_peer && strcmp(env->net_peer, "none") == 0)
		return err_set(err, EXIT_MACHINE, "this layer has no network to the layer above");
	fd = env->net_peer ? dial(env->net_peer, err) : loop_back(err);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

int net_connect(struct net_client *c, const struct workload_env *env, char wish, struct err *err)
{
	int fd = env->net_peer ? dial(env->net_peer, err) : loop_back(err);

	if (fd < 0)
		return -1;
	c->fd = fd + 1;
	if (env->net_peer)
		snprintf(c->note, sizeof(c->note), "peer %.40s", env->net_peer);
	else
		snprintf(c->note, sizeof(c->note), "loopback: the peer is a thread beside it");
	return net_send(c, &wish, 1, err);
}

void net_close(struct net_client *c)
{
	if (c->fd)
		close(c->fd - 1);
	c->fd = 0;
}

int net_send(const struct net_client *c, const void *data, size_t len, struct err *err)
{
	return put(c->fd - 1, data, len) ? 0
					 : err_errno(err, EXIT_MACHINE, "cannot send to the peer");
}

int net_receive(const struct net_client *c, void *data, size_t len, struct err *err)
{
	return get(c->fd - 1, data, len) ? 0
					 : err_errno(err, EXIT_MACHINE, "the peer does not answer");
}
