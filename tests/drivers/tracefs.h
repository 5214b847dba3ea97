/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kernel's tracepoints for a test, whether or not they are mounted on the machine. */
#ifndef NB_TEST_TRACEFS_H
#define NB_TEST_TRACEFS_H

#include <sched.h>
#include <stdbool.h>
#include <sys/mount.h>

#include "lib/file.h"

/* In a mount namespace of its own, so that the machine's stay as they are. False: not permitted. */
static inline bool tracefs_mount(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       (file_exists("/sys/kernel/tracing/events") ||
		mount("nodev", "/sys/kernel/tracing", "tracefs", 0, NULL) == 0);
}

#endif
