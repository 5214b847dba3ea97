/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/talk.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/str.h"

static enum talk_end wait_for(const struct talk *t, short events)
{
	struct pollfd p[2] = {{.fd = t->fd, .events = events}, {.fd = t->cancel_fd}};
	uint64_t now = clock_now(&clock_machine);

	if (now >= t->end)
		return TALK_LATE;
	poll(p, 2, (int)((t->end - now) / NS_PER_MS) + 1);
	return p[1].revents & (POLLHUP | POLLERR | POLLNVAL) ? TALK_CANCELLED : TALK_FINE;
}

/* Takes what there is of the line, at most size - 1 bytes. True: it is whole. */
static bool take_part(struct talk *t, char *line, size_t size, size_t *len, enum talk_end *end)
{
	ssize_t got = recv(t->fd, line + *len, size - 1 - *len, MSG_PEEK);
	char *newline;

	*end = TALK_FINE;
	if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
		*end = TALK_HUNG_UP;
		return false;
	}
	if (got < 0) {
		*end = wait_for(t, POLLIN);
		return false;
	}
	newline = memchr(line + *len, '\n', (size_t)got);
	if (newline)
		got = newline + 1 - (line + *len);
	got = recv(t->fd, line + *len, (size_t)got, 0);
	if (got > 0) {
		*len += (size_t)got;
		t->heard += (size_t)got;
	}
	if (t->heard > TALK_HEARD_MAX)
		*end = TALK_NONSENSE;
	return newline || *len == size - 1;
}

static enum talk_end take_line(struct talk *t, char line[TALK_LINE])
{
	enum talk_end end;
	size_t len = 0;

	while (!take_part(t, line, TALK_LINE, &len, &end))
		if (end != TALK_FINE)
			return end;
	line[len] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	return end;
}

enum talk_end talk_hear(struct talk *t, char line[TALK_LINE])
{
	const size_t mark = strlen(TALK_MARK);
	enum talk_end end;

	do {
		end = take_line(t, line);
		if (end != TALK_FINE)
			return end;
	} while (strncmp(line, TALK_MARK, mark) != 0);
	memmove(line, line + mark, strlen(line + mark) + 1);
	return TALK_FINE;
}

enum talk_end talk_put(struct talk *t, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		ssize_t put = send(t->fd, at, len, MSG_NOSIGNAL);
		enum talk_end end;

		if (put > 0) {
			at += put;
			len -= (size_t)put;
			continue;
		}
		if (put < 0 && errno != EAGAIN && errno != EINTR)
			return TALK_HUNG_UP;
		end = wait_for(t, POLLOUT);
		if (end != TALK_FINE)
			return end;
	}
	return TALK_FINE;
}
