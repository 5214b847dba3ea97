/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

bool tty_has_colour(int fd)
{
	const char *unwanted = getenv("NO_COLOR");

	return tty_redraws(fd) && !(unwanted && *unwanted);
}
