/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Standard input, output and error of a program, in whatever state its caller handed them over:
 * closed, full, or without a reader.
 */
#ifndef NB_STREAMS_H
#define NB_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "lib/err.h"

/*
 * The first thing in the main of every program. What cannot be written is from now on an error of
 * the write and not the end of the process: SIGPIPE and SIGXFSZ are ignored (child_start and
 * child_signals undo that for children).
 */
void streams_begin(void);

/*
 * Takes the place of each of the descriptors 0, 1 and 2 that is closed, so that no file opened
 * later is taken for it. Reads and writes still fail with EBADF.
 */
void streams_hold(void);

/* fwrite, whose failure streams_flush() reports. */
void streams_put(FILE *to, const char *text, size_t len);

/* A line may be drawn anew in place: fd is a terminal, and TERM says that it is not a dumb one. */
bool tty_redraws(int fd);

/* Columns of the terminal that fd is; 0: it is none, or does not know. */
size_t tty_width(int fd);

/* Columns for running text on fd: those of the terminal, from 20 to 100; elsewhere 80. */
size_t tty_text_width(int fd);

/* What the option --color says; it wins over all else. */
enum colour_when { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
void tty_colour(enum colour_when when);

/* Colours may be used on fd: always, or where it redraws and NO_COLOR is unset or empty
 * (https://no-color.org). */
bool tty_has_colour(int fd);

/* What begins an ink on fd, and INK_NONE ends it: "" where fd has no colours. */
enum ink { INK_NONE, INK_BOLD, INK_GREEN, INK_YELLOW, INK_RED };
const char *tty_ink(int fd, enum ink ink);

/* Writes out what stdout still holds. EXIT_INTERNAL when any of it, now or earlier, was lost. */
int streams_flush(struct err *err);

#endif
