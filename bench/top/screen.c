/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/top/screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/interrupt.h"
#include "lib/streams.h"

/* xterm's control sequences: the alternate screen, the cursor, erasing. */
#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME "\033[H"
#define ERASE_LINE "\033[K"
#define ERASE_REST "\033[J"

enum { UNLIMITED = 1 << 20, SUSPEND = 0x1a /* Ctrl-Z */ };

/* Not in the background, where it would stop the process. */
static void take_keys(struct screen *s)
{
	struct termios raw;

	if (!isatty(STDIN_FILENO) || tcgetpgrp(STDIN_FILENO) != getpgrp() ||
	    tcgetattr(STDIN_FILENO, &s->before) < 0)
		return;
	raw = s->before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE; /* it comes as a key, see suspend() */
	s->keys = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void put(const char *text)
{
	streams_put(stdout, text, strlen(text));
	fflush(stdout);
}

void screen_begin(struct screen *s, bool plain)
{
	*s = (struct screen){.full = !plain && tty_redraws(STDOUT_FILENO)};
	if (!s->full)
		return;
	take_keys(s);
	put(ENTER);
}

void screen_end(struct screen *s)
{
	if (s->full)
		put(LEAVE);
	if (s->keys)
		tcsetattr(STDIN_FILENO, TCSANOW, &s->before);
	*s = (struct screen){0};
}

void screen_size(const struct screen *s, size_t *width, size_t *height)
{
	struct winsize size;
	bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;

	*width = known ? size.ws_col : s->full ? 80 : UNLIMITED;
	*height = s->full ? known ? size.ws_row : 24 : 0;
}

/* Lines end by erasing what was there before; behind the last there is no newline, which would
 * scroll. */
static void draw(const struct buf *text, struct buf *out)
{
	const char *line = buf_str(text), *end;

	buf_addstr(out, HOME);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		buf_add(out, line, (size_t)(end - line));
		buf_addstr(out, end[1] ? ERASE_LINE "\n" : ERASE_LINE);
	}
	buf_addstr(out, ERASE_REST);
}

int screen_show(struct screen *s, const struct buf *text, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	if (s->full)
		draw(text, &out);
	else
		buf_addf(&out, "%s%s", s->used ? "\n" : "", buf_str(text));
	s->used = true;
	rc = buf_print(&out, stdout, err);
	buf_release(&out);
	return rc < 0 ? -1 : streams_flush(err);
}

static void suspend(struct screen *s)
{
	bool full = s->full;

	screen_end(s);
	raise(SIGSTOP);
	screen_begin(s, !full);
}

/* Whether one of the keys that were typed ends it. */
static bool read_keys(struct screen *s)
{
	char key[16];
	ssize_t got = read(STDIN_FILENO, key, sizeof(key));

	for (ssize_t i = 0; i < got; i++)
		if (key[i] == 'q' || key[i] == 'Q')
			return true;
	if (got > 0 && memchr(key, SUSPEND, (size_t)got))
		suspend(s);
	else if (got <= 0)
		s->keys = false; /* the terminal is gone */
	return false;
}

int screen_wait(struct screen *s, int fd, uint64_t until_ns, struct err *err)
{
	struct pollfd p[3] = {{.fd = interrupt_fd(), .events = POLLIN},
			      {.fd = fd, .events = POLLIN},
			      {.fd = s->keys ? STDIN_FILENO : -1, .events = POLLIN}};

	for (;;) {
		uint64_t now = clock_now(&clock_machine);
		int left_ms =
			now < until_ns ? (int)((until_ns - now + NS_PER_MS - 1) / NS_PER_MS) : 0;

		if (poll(p, 3, left_ms) < 0 && errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait");
		if (interrupt_check(err) < 0)
			return -1;
		if (p[2].revents && read_keys(s))
			return 1;
		p[2].fd = s->keys ? STDIN_FILENO : -1;
		if (p[1].revents || left_ms == 0)
			return 0;
	}
}
