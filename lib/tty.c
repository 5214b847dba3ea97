/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/tty.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
