/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/app/postgres_client.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/str.h"
#include "workloads/lib/state.h"

enum { PROTOCOL = 3 << 16, LIMIT_SECONDS = 600 };

/* What the server sends: a type, the length of what follows (itself included), and that. */
struct message {
	char type;
	uint32_t len; /* of the body */
	const char *body;
};

static int send_all(const struct pg_client *c, const void *data, size_t len, struct err *err)
{
	for (size_t at = 0; at < len;) {
		ssize_t sent = send(c->fd, (const char *)data + at, len - at, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return err_errno(err, EXIT_MACHINE, "cannot send to PostgreSQL");
		at += (size_t)sent;
	}
	return 0;
}

/* Receives until so many bytes stand in the buffer at c->at. */
static int fill(struct pg_client *c, size_t need, struct err *err)
{
	if (need > sizeof(c->buffer))
		return err_set(err, EXIT_MACHINE, "PostgreSQL sends a message of %zu bytes", need);
	if (c->at + need > sizeof(c->buffer)) {
		memmove(c->buffer, c->buffer + c->at, c->len - c->at);
		c->len -= c->at;
		c->at = 0;
	}
	while (c->len - c->at < need) {
		ssize_t got = recv(c->fd, c->buffer + c->len, sizeof(c->buffer) - c->len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			return err_set(err, EXIT_MACHINE, "PostgreSQL closed the connection");
		if (got < 0)
			return err_errno(err, EXIT_MACHINE, "PostgreSQL does not answer");
		c->len += (size_t)got;
	}
	return 0;
}

static uint32_t number(const char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return be32toh(value);
}

/* The next message; it stays valid until the next call. */
static int receive(struct pg_client *c, struct message *m, struct err *err)
{
	if (fill(c, 5, err) < 0)
		return -1;
	m->type = c->buffer[c->at];
	m->len = number(c->buffer + c->at + 1);
	if (m->len < 4)
		return err_set(err, EXIT_MACHINE, "PostgreSQL sends what is no message");
	if (fill(c, (size_t)m->len + 1, err) < 0)
		return -1;
	m->body = c->buffer + c->at + 5;
	m->len -= 4;
	c->at += (size_t)m->len + 5;
	return 0;
}

/* The message of an error, which is a list of fields: a letter and a text each. */
static int failed(const struct message *m, struct err *err)
{
	const char *end = m->body + m->len, *text = "no reason is given";

	for (const char *field = m->body; field < end && *field;) {
		size_t len = strnlen(field, (size_t)(end - field));

		if (field + len == end)
			break;
		if (*field == 'M')
			text = field + 1;
		field += len + 1;
	}
	return err_set(err, EXIT_MACHINE, "PostgreSQL: %.200s", text);
}

/* A row: how many columns (16 bits), and of each its length (-1: null) and text. */
static void take_row(struct pg_client *c, const struct message *m)
{
	uint32_t len = m->len >= 6 ? number(m->body + 2) : UINT32_MAX;

	c->rows++;
	c->value[0] = '\0';
	if (len < sizeof(c->value) && len <= m->len - 6)
		snprintf(c->value, sizeof(c->value), "%.*s", (int)len, m->body + 6);
}

/* A setting of the server: its name and its value, a text each. */
static void take_setting(struct pg_client *c, const struct message *m)
{
	static const char version[] = "server_version";

	if (m->len > sizeof(version) && memcmp(m->body, version, sizeof(version)) == 0)
		snprintf(c->version, sizeof(c->version), "%.*s", (int)(m->len - sizeof(version)),
			 m->body + sizeof(version));
}

/* Takes messages until the server is ready. An error of the server is the result, but not the end
 * of its messages. */
static int wait_ready(struct pg_client *c, struct err *err)
{
	struct message m = {0};
	int done = 0;

	c->rows = 0;
	do {
		if (receive(c, &m, err) < 0)
			return -1;
		if (m.type == 'D')
			take_row(c, &m);
		else if (m.type == 'S')
			take_setting(c, &m);
		else if (m.type == 'E' && done == 0)
			done = failed(&m, err);
		else if (m.type == 'R' && (m.len < 4 || number(m.body) != 0))
			return err_set(err, EXIT_MACHINE, "PostgreSQL asks for a password");
	} while (m.type != 'Z');
	return done;
}

static int greet(struct pg_client *c, struct err *err)
{
	static const char words[] = "user\0postgres\0database\0postgres\0";
	struct {
		uint32_t len, protocol;
		char words[sizeof(words)];
	} hello = {htobe32(sizeof(uint32_t) * 2 + sizeof(words)), htobe32(PROTOCOL), ""};

	memcpy(hello.words, words, sizeof(words));
	if (send_all(c, &hello, sizeof(uint32_t) * 2 + sizeof(words), err) < 0)
		return -1;
	return wait_ready(c, err);
}

int pg_connect(struct pg_client *c, const char *socket_path, struct err *err)
{
	const struct timeval limit = {.tv_sec = LIMIT_SECONDS};
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*c = (struct pg_client){0};
	str_copy(at.sun_path, sizeof(at.sun_path), socket_path);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
	    connect(fd, (const struct sockaddr *)&at, sizeof(at)) < 0) {
		err_errno(err, EXIT_MACHINE, "cannot connect to PostgreSQL");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	c->fd = fd;
	if (greet(c, err) == 0)
		return 0;
	close_fd(&c->fd);
	return -1;
}

int pg_query(struct pg_client *c, const char *sql, struct err *err)
{
	char packet[1024];
	size_t len = strlen(sql) + 1;
	uint32_t count = htobe32((uint32_t)len + 4);

	if (len > sizeof(packet) - 5)
		return err_set(err, EXIT_INTERNAL, "a query of %zu bytes is too long", len);
	packet[0] = 'Q';
	memcpy(packet + 1, &count, sizeof(count));
	memcpy(packet + 5, sql, len);
	return send_all(c, packet, len + 5, err) < 0 ? -1 : wait_ready(c, err);
}

void pg_close(struct pg_client *c)
{
	close_fd(&c->fd);
}
