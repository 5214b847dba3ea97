/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"

#define SEND_LIMIT_NS (30 * NS_PER_S)

static void set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags >= 0)
		fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

void channel_open(struct channel *c, int fd_in, int fd_out)
{
	*c = (struct channel){.fd_in = fd_in, .fd_out = fd_out};
	set_nonblocking(fd_in);
	set_nonblocking(fd_out);
}

void channel_release(struct channel *c)
{
	buf_release(&c->in);
	*c = (struct channel)CHANNEL_INIT;
}

/* Drops what was handed out, so that the buffer holds no more than what is still to be read. */
static void compact(struct channel *c)
{
	if (!c->taken)
		return;
	memmove(c->in.data, c->in.data + c->taken, c->in.len - c->taken);
	c->in.len -= c->taken;
	c->taken = 0;
}

int channel_fill(struct channel *c, struct err *err)
{
	char chunk[65536];
	ssize_t got = read(c->fd_in, chunk, sizeof(chunk));

	if (got == 0 || (got < 0 && (errno == ECONNRESET || errno == EPIPE || errno == EIO)))
		return 0;
	if (got < 0)
		return errno == EAGAIN || errno == EINTR
			       ? 1
			       : err_errno(err, EXIT_INTERNAL,
					   "cannot read from a layer's channel");
	compact(c);
	buf_add(&c->in, chunk, (size_t)got);
	return buf_check(&c->in, err) < 0 ? -1 : 1;
}

/* Empty lines say only that the other side lives. */
static void skip_empty(struct channel *c)
{
	while (c->in.len > c->taken && c->in.data[c->taken] == '\n')
		c->taken++;
}

json_t *channel_take(struct channel *c, struct err *err)
{
	const char *start, *end;
	size_t left, len;
	json_error_t why;
	json_t *message;

	skip_empty(c);
	left = c->in.len - c->taken;
	start = left ? c->in.data + c->taken : NULL;
	end = start ? memchr(start, '\n', left) : NULL;
	err->text[0] = '\0';
	if (!end && left <= MESSAGE_LIMIT)
		return NULL;
	len = end ? (size_t)(end - start) : left;
	c->taken += end ? len + 1 : len;
	if (len > MESSAGE_LIMIT) {
		err_set(err, EXIT_INTERNAL, "a message is longer than %d bytes", MESSAGE_LIMIT);
		return NULL;
	}
	message = json_loadb(start, len, JSON_REJECT_DUPLICATES, &why);
	if (!json_is_object(message)) {
		json_decref(message);
		err_set(err, EXIT_INTERNAL, "a message is not one JSON object a line: \"%.*s\"",
			(int)(len < 80 ? len : 80), start);
		return NULL;
	}
	return message;
}

static int write_all(int fd, const char *data, size_t len, struct err *err)
{
	uint64_t end = clock_now(&clock_machine) + SEND_LIMIT_NS;

	while (len) {
		ssize_t put = write(fd, data, len);
		struct pollfd p = {.fd = fd, .events = POLLOUT};

		if (put > 0) {
			data += put;
			len -= (size_t)put;
			continue;
		}
		if (put < 0 && errno != EAGAIN && errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot write to a layer's channel");
		if (clock_now(&clock_machine) > end)
			return err_set(err, EXIT_INTERNAL,
				       "a layer's channel took nothing for 30 s");
		poll(&p, 1, 1000);
	}
	return 0;
}

int channel_send(struct channel *c, json_t *message, struct err *err)
{
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	struct buf line = BUF_INIT;
	int done = -1;

	if (text) {
		buf_addstr(&line, text);
		buf_addstr(&line, "\n");
	}
	if (!text || line.failed)
		err_set(err, EXIT_INTERNAL, "out of memory");
	else if (c->fd_out < 0)
		err_set(err, EXIT_INTERNAL, "the channel is closed");
	else
		done = write_all(c->fd_out, buf_str(&line), line.len, err);
	buf_release(&line);
	free(text);
	json_decref(message);
	return done;
}
