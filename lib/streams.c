/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void streams_begin(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	streams_hold();
}

void streams_hold(void)
{
	/* The lowest free number is taken, and a path alone can be neither read nor written. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/", O_PATH);
}

static int why_lost; /* errno of the first write that failed */

void streams_put(FILE *to, const char *text, size_t len)
{
	if (fwrite(text, 1, len, to) < len && !why_lost)
		why_lost = errno;
}

int streams_flush(struct err *err)
{
	if (fflush(stdout) != 0)
		return err_errno(err, EXIT_INTERNAL, "cannot write to standard output");
	if (!ferror(stdout))
		return 0;
	/* errno is that of a later call by now. */
	errno = why_lost ? why_lost : EIO;
	return err_errno(err, EXIT_INTERNAL, "cannot write to standard output");
}

bool tty_redraws(int fd)
{
	const char *term = getenv("TERM");

	return term && *term && strcmp(term, "dumb") != 0 && isatty(fd);
}

size_t tty_width(int fd)
{
	struct winsize size;

	return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

size_t tty_text_width(int fd)
{
	size_t width = tty_width(fd);

	if (!width)
		return 80;
	return width < 20 ? 20 : width > 100 ? 100 : width;
}

static enum colour_when colour = COLOUR_AUTO;

void tty_colour(enum colour_when when)
{
	colour = when;
}

bool tty_has_colour(int fd)
{
	const char *unwanted = getenv("NO_COLOR");

	if (colour != COLOUR_AUTO)
		return colour == COLOUR_ALWAYS;
	return tty_redraws(fd) && !(unwanted && *unwanted);
}

const char *tty_ink(int fd, enum ink ink)
{
	/* ECMA-48, Select Graphic Rendition. */
	static const char *const begin[] = {[INK_NONE] = "\033[0m",
					    [INK_BOLD] = "\033[1m",
					    [INK_GREEN] = "\033[32m",
					    [INK_YELLOW] = "\033[33m",
					    [INK_RED] = "\033[31m"};

	return tty_has_colour(fd) ? begin[ink] : "";
}
