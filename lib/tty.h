/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What may be written to a descriptor beside plain text, decided in one place.
 */
#ifndef NB_TTY_H
#define NB_TTY_H

#include <stdbool.h>

/* A line may be drawn anew in place: fd is a terminal, and TERM says that it is not a dumb one. */
bool tty_redraws(int fd);

/* Colours may be used: as above, and NO_COLOR is not set (https://no-color.org). */
bool tty_has_colour(int fd);

#endif
