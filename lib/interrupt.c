/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/interrupt.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Signals are the process's own; there can be no second instance. */
static int signals_fd = -1;

/* How long a slow reader is waited for after a signal to stop. */
enum { SLOW_READER_MS = 1000 };

/* A standard stream, whose reader may have stopped. */
struct stream {
	int fd;
	bool unread; /* a signal came, and the stream has no reader */
};

/* Waits until something can be written, or will not be. */
static void wait_writable(struct stream *v)
{
	struct pollfd p[2] = {{.fd = v->fd, .events = POLLOUT},
			      {.fd = signals_fd, .events = POLLIN}};

	while (poll(p, 2, -1) < 0 && errno == EINTR)
		;
	if (!p[0].revents)
		v->unread = poll(p, 1, SLOW_READER_MS) == 0;
}

/* As fopencookie() wants it: all but an error means that all was written. */
static ssize_t put(void *stream, const char *text, size_t size)
{
	struct stream *v = stream;
	size_t done = 0;

	while (done < size) {
		/* As much as a pipe takes at once where it takes anything. */
		size_t part = size - done < PIPE_BUF ? size - done : PIPE_BUF;
		ssize_t written = -1;

		wait_writable(v);
		errno = EINTR;
		if (!v->unread)
			written = write(v->fd, text + done, part);
		if (written > 0)
			done += (size_t)written;
		else if (v->unread || (errno != EINTR && errno != EAGAIN))
			break;
	}
	return (ssize_t)done;
}

int interrupt_write(int fd, const void *data, size_t len)
{
	struct stream v = {.fd = fd};

	return put(&v, data, len) == (ssize_t)len ? 0 : -1;
}

/*
 * A write that blocks would keep the process from ever looking for the signals that are blocked
 * now, and nothing but SIGKILL would end it.
 */
static int watch_stream(FILE **stream, struct stream *v, int mode, struct err *err)
{
	FILE *f = fopencookie(v, "w", (cookie_io_functions_t){.write = put});

	if (!f)
		return err_errno(err, EXIT_INTERNAL, "cannot open a standard stream anew");
	setvbuf(f, NULL, mode, BUFSIZ);
	fflush(*stream);
	*stream = f;
	return 0;
}

int interrupt_install(struct err *err)
{
	static struct stream out = {.fd = STDOUT_FILENO}, errors = {.fd = STDERR_FILENO};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	/* Never read: a blocked signal that stays pending keeps the descriptor readable. */
	signals_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (signals_fd < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot watch for signals");
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (watch_stream(&stdout, &out, isatty(out.fd) ? _IOLBF : _IOFBF, err) < 0)
		return -1;
	return watch_stream(&stderr, &errors, _IONBF, err);
}

int interrupt_fd(void)
{
	return signals_fd;
}

bool interrupt_pending(void)
{
	struct pollfd p = {.fd = signals_fd, .events = POLLIN};

	return signals_fd >= 0 && poll(&p, 1, 0) > 0;
}

int interrupt_check(struct err *err)
{
	return interrupt_pending() ? err_set(err, EXIT_INTERRUPTED, "interrupted") : 0;
}
