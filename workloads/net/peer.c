/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/net/peer.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "workloads/net/http.h"
#include "workloads/net/socket.h"

enum { CHUNK = 64 << 10, BACKLOG = 8 };
/* Between two attempts to connect to a guest: after a failure, and at most. */
enum { PAUSE_US = 10000, LONGEST_PAUSE_US = 1000000 };

static _Atomic int clients;

static void echo(int fd)
{
	char byte;

	while (net_get(fd, &byte, 1) && net_put(fd, &byte, 1))
		;
}

/* Receives one stream; its checksum is a sum over every NET_STRIDE-th byte, weighted by its
 * offset. */
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
	return net_put(fd, &answer, sizeof(answer));
}

static void sink(int fd)
{
	char *chunk = malloc(CHUNK);
	uint64_t bytes;

	while (chunk && net_get(fd, &bytes, sizeof(bytes)) && be64toh(bytes) <= NET_STREAM_MAX &&
	       take_stream(fd, chunk, be64toh(bytes)))
		;
	free(chunk);
}

static void *serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char request;

	if (net_set_up(fd) == 0 && net_get(fd, &request, 1)) {
		if (request == 'r')
			echo(fd);
		else if (request == 's')
			sink(fd);
		else if (request == 'G')
			http_serve(fd, &request, 1);
	}
	close(fd);
	atomic_fetch_sub(&clients, 1);
	return NULL;
}

/* Starts a detached thread. 0, or an error number. */
static int start_thread(void *(*function)(void *), void *arg)
{
	pthread_t thread;
	int failed = pthread_create(&thread, NULL, function, arg);

	return failed ? failed : pthread_detach(thread);
}

void net_peer_start(int fd)
{
	if (atomic_fetch_add(&clients, 1) < NET_CLIENTS &&
	    start_thread(serve_one, (void *)(intptr_t)fd) == 0)
		return;
	atomic_fetch_sub(&clients, 1);
	close(fd);
}

static void *serve(void *arg)
{
	int listener = (int)(intptr_t)arg;

	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (fd >= 0)
			net_peer_start(fd);
		else if (errno != EINTR && errno != ECONNABORTED)
			usleep(10000); /* out of descriptors, for a while */
	}
	return NULL;
}

int net_serve(const char *address, char name[NET_ADDRESS], struct err *err)
{
	char host[INET_ADDRSTRLEN];
	struct sockaddr_in at;
	int fd;

	if (net_parse_address(address, &at, err) < 0)
		return -1;
	fd = net_listen(&at, BACKLOG);
	if (fd < 0)
		return err_errno(err, EXIT_MACHINE, "cannot serve on %.40s", address);
	snprintf(name, NET_ADDRESS, "%s:%d", inet_ntop(AF_INET, &at.sin_addr, host, sizeof(host)),
		 ntohs(at.sin_port));
	errno = start_thread(serve, (void *)(intptr_t)fd);
	if (errno == 0)
		return 0;
	err_errno(err, EXIT_INTERNAL, "cannot start the peer");
	close(fd);
	return -1;
}

/* Waits on a connection until its client sends a request; false: it closed the connection first. */
static bool is_wanted(int fd)
{
	char request;
	ssize_t got;

	do
		got = recv(fd, &request, 1, MSG_PEEK);
	while (got < 0 && errno == EINTR);
	return got > 0;
}

static void *keep_calling(void *arg)
{
	const char *address = arg;
	useconds_t pause = PAUSE_US;
	struct err ignored;

	for (;;) {
		int fd = net_dial(address, &ignored);

		if (fd >= 0 && is_wanted(fd)) {
			net_peer_start(fd);
			pause = PAUSE_US;
			continue;
		}
		if (fd >= 0)
			close(fd);
		usleep(pause);
		pause = fd >= 0 ? PAUSE_US : pause * 2;
		if (pause > LONGEST_PAUSE_US)
			pause = LONGEST_PAUSE_US;
	}
	return NULL;
}

int net_call(const char *address, struct err *err)
{
	struct sockaddr_in to;
	char *copy;

	if (net_parse_address(address, &to, err) < 0)
		return -1;
	copy = strdup(address);
	errno = copy ? start_thread(keep_calling, copy) : ENOMEM;
	if (errno == 0)
		return 0;
	err_errno(err, EXIT_INTERNAL, "cannot start the peer");
	free(copy);
	return -1;
}
