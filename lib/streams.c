/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
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

int streams_flush(struct err *err)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_errno(err, EXIT_INTERNAL, "cannot write to standard output");
}
