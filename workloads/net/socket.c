/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/parse.h"

int net_parse_address(const char *text, struct sockaddr_in *out, struct err *err)
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

int net_set_up(int fd)
{
	const struct timeval limit = {.tv_sec = NET_SECONDS};
	const int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
		return -1;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

int net_limit_receive(int fd)
{
	const struct timeval limit = {.tv_sec = NET_SECONDS};

	return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

bool net_get(int fd, void *data, size_t len)
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

bool net_put(int fd, const void *data, size_t len)
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

int net_listen(struct sockaddr_in *at, int backlog)
{
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), why;
	socklen_t len = sizeof(*at);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
	    bind(fd, (struct sockaddr *)at, sizeof(*at)) == 0 && listen(fd, backlog) == 0 &&
	    getsockname(fd, (struct sockaddr *)at, &len) == 0)
		return fd;
	why = errno;
	if (fd >= 0)
		close(fd);
	errno = why;
	return -1;
}

/* With a timeout, a signal ends the call but not the attempt, which Linux continues when it is
 * called again. */
static int connect_to(int fd, const struct sockaddr_in *to)
{
	int rc;

	do
		rc = connect(fd, (const struct sockaddr *)to, sizeof(*to));
	while (rc < 0 && errno == EINTR);
	return rc;
}

int net_dial(const char *address, struct err *err)
{
	struct sockaddr_in to;
	int fd;

	if (net_parse_address(address, &to, err) < 0)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && net_set_up(fd) == 0 && connect_to(fd, &to) == 0)
		return fd;
	err_errno(err, EXIT_MACHINE, "cannot reach the parent layer at %.40s", address);
	if (fd >= 0)
		close(fd);
	return -1;
}
