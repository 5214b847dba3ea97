/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A screen that is drawn anew again and again, and the keys that end it: by plain ANSI sequences on
 * a terminal that is no dumb one; elsewhere texts behind each other.
 */
#ifndef NB_TOP_SCREEN_H
#define NB_TOP_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "lib/buf.h"
#include "lib/err.h"

struct screen {
	bool full; /* drawn in place */
	bool keys; /* read one by one; `before` is what the terminal was like */
	struct termios before;
	bool used; /* something was put out */
};

/* Interrupts are installed (interrupt.h). With `plain` texts are put out behind each other in any
 * case. Until screen_end the terminal is changed. */
void screen_begin(struct screen *s, bool plain);

/* Columns and lines that a text may take; height 0: any number. */
void screen_size(const struct screen *s, size_t *width, size_t *height);

/* Shows a text of whole lines. EXIT_INTERNAL where it cannot be written. */
int screen_show(struct screen *s, const struct buf *text, struct err *err);

/*
 * Waits until `until_ns` (clock_machine), or until fd (-1: none) can be read. 0: so it is; 1: q was
 * typed; -1 with EXIT_INTERRUPTED: a signal came.
 */
int screen_wait(struct screen *s, int fd, uint64_t until_ns, struct err *err);

/* Puts the terminal back; fine without a begin, of a zeroed struct. */
void screen_end(struct screen *s);

#endif
