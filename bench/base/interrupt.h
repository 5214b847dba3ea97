/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The user's wish to stop (SIGINT, SIGTERM, SIGHUP) as something to wait for, so that every way out
 * runs through the ordinary clean-up.
 */
#ifndef NB_INTERRUPT_H
#define NB_INTERRUPT_H

#include <stdbool.h>

#include "bench/base/err.h"

/*
 * From now on these signals and SIGPIPE no longer kill the process. Call before any thread is
 * started. stdout and stderr are opened anew: once a signal came, what nobody reads within a second
 * is dropped, and the stream says so (ferror).
 */
int interrupt_install(struct err *err);

/* Readable once a signal came; it stays so. -1 when not installed. For poll() only. */
int interrupt_fd(void);

/* Whether a signal came. */
bool interrupt_pending(void);

/* -1 with EXIT_INTERRUPTED when a signal came, else 0. */
int interrupt_check(struct err *err);

#endif
