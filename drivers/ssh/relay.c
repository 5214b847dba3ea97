/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/ssh/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "lib/thread.h"

/* An empty line after so long: several fit into the lease. */
enum { QUIET_MS = 1500, LOG_LIMIT = 1 << 20 };

/* One direction. */
struct flow {
	int from, to;
	char data[65536];
	size_t len, sent;
	bool ended;	  /* nothing comes any more */
	bool unheard;	  /* nobody takes it: what comes is dropped */
	bool in_line;	  /* what was sent last ended in the middle of a message */
	uint64_t sent_at; /* when something was sent last */
};

struct relay {
	pthread_t thread;
	struct flow down, up; /* to the client, and from it */
	char log[PATH_MAX];
};

static bool is_error(ssize_t done)
{
	return done < 0 && errno != EAGAIN && errno != EINTR;
}

static void receive(struct flow *f)
{
	ssize_t got = recv(f->from, f->data, sizeof(f->data), 0);

	if (got > 0 && !f->unheard) {
		f->len = (size_t)got;
		f->sent = 0;
	} else if (got == 0 || is_error(got)) {
		f->ended = true;
		shutdown(f->to, SHUT_WR);
	}
}

static void forward(struct flow *f)
{
	ssize_t put = send(f->to, f->data + f->sent, f->len - f->sent, MSG_NOSIGNAL);

	if (put > 0) {
		f->sent += (size_t)put;
		f->in_line = f->data[f->sent - 1] != '\n';
		f->sent_at = clock_now(&clock_machine);
	}
	f->unheard = is_error(put);
	if (f->unheard || f->sent == f->len)
		f->len = 0;
}

/* What the other side prints must not fill the disk. */
static void keep_log_short(const char *log)
{
	struct stat st;

	if (stat(log, &st) == 0 && st.st_size > LOG_LIMIT)
		(void)!truncate(log, 0);
}

static void give_sign_of_life(struct flow *f)
{
	f->sent_at = clock_now(&clock_machine);
	if (!f->ended && !f->len && !f->in_line)
		(void)!send(f->to, "\n", 1, MSG_NOSIGNAL);
}

static void *run(void *ctx)
{
	struct relay *r = ctx;
	struct flow *down = &r->down, *up = &r->up;

	while (!up->ended) {
		struct pollfd p[4] = {
			{.fd = down->ended || down->len ? -1 : down->from, .events = POLLIN},
			{.fd = down->len ? down->to : -1, .events = POLLOUT},
			{.fd = up->len ? -1 : up->from, .events = POLLIN},
			{.fd = up->len ? up->to : -1, .events = POLLOUT}};

		poll(p, 4, QUIET_MS / 2);
		if (p[0].revents)
			receive(down);
		if (p[1].revents)
			forward(down);
		if (p[2].revents)
			receive(up);
		if (p[3].revents)
			forward(up);
		if (clock_now(&clock_machine) - down->sent_at < QUIET_MS * NS_PER_MS)
			continue;
		give_sign_of_life(down);
		keep_log_short(r->log);
	}
	return NULL;
}

static void flow_init(struct flow *f, int from, int to)
{
	f->from = from;
	f->to = to;
	f->sent_at = clock_now(&clock_machine);
}

static void release(struct relay *r)
{
	close(r->up.from);
	close(r->up.to);
	free(r);
}

struct relay *relay_start(int client, const char *log, int *fd, struct err *err)
{
	struct relay *r = calloc(1, sizeof(*r));
	int pair[2];

	if (!r || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		err_errno(err, EXIT_INTERNAL, "cannot make a pair of sockets for a layer");
		free(r);
		close(client);
		return NULL;
	}
	flow_init(&r->down, pair[1], client);
	flow_init(&r->up, client, pair[1]);
	str_copy(r->log, sizeof(r->log), log);
	errno = thread_start(&r->thread, run, r);
	if (errno) {
		err_errno(err, EXIT_INTERNAL, "cannot start a thread");
		close(pair[0]);
		release(r);
		return NULL;
	}
	*fd = pair[0];
	return r;
}

void relay_stop(struct relay *r)
{
	if (!r)
		return;
	shutdown(r->up.from, SHUT_RDWR);
	pthread_join(r->thread, NULL);
	release(r);
}
