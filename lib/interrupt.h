/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Signals to stop (SIGINT, SIGTERM, SIGHUP) as something to wait for, so that every way out runs
 * through the ordinary clean-up.
 */
#ifndef NB_INTERRUPT_H
#define NB_INTERRUPT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/*
 * From now on these signals no longer kill the process. Call before any thread is started. stdout
 * and stderr are opened anew: after a signal, what is not read within a second is dropped, and the
 * stream reports it (ferror).
 */
int interrupt_install(struct err *err);

/* Readable once a signal came; it stays so. -1 when not installed. For poll() only. */
int interrupt_fd(void);

/* Writes all of it to a descriptor, as those streams do. -1 with errno. */
int interrupt_write(int fd, const void *data, size_t len);

/* Whether a signal came. */
bool interrupt_pending(void);

/* -1 with EXIT_INTERRUPTED when a signal came, else 0. */
int interrupt_check(struct err *err);

#endif
