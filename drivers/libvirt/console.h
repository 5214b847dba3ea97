/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The file that QEMU appends to whatever a guest prints on its serial port, kept from growing: what
 * a guest prints need not end. When the file has more than LIBVIRT_CONSOLE_MAX bytes, all but its
 * end is thrown away.
 *
 * The kernel tells when it was written to (inotify) and libvirt's event loop listens, so that
 * nothing wakes up while the guest prints nothing. Needs no virtlogd, which the embedded driver has
 * not got.
 */
#ifndef NB_LIBVIRT_CONSOLE_H
#define NB_LIBVIRT_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/* So much is kept when the rest is thrown away. */
enum { LIBVIRT_CONSOLE_MAX = 1 << 20, LIBVIRT_CONSOLE_KEEP = 16 << 10 };

struct libvirt_console;

/*
 * Makes the file, readable for us whichever user writes it, and watches it; the event loop must be
 * there (libvirt_session_open). NULL on failure, with no file; EXIT_USAGE where it cannot be made.
 */
struct libvirt_console *libvirt_console_open(const char *path, struct err *err);

/* Empties the file, for the next try to start a VM. */
void libvirt_console_clear(struct libvirt_console *c);

/* A text that is looked for on a console while it grows. The strings are borrowed. */
struct libvirt_console_search {
	const char *path, *text;
	uint64_t next; /* 0 at the beginning; in front of it the text does not begin */
};

/*
 * Whether the text stands there. Every call reads on where the last one ended, and from the
 * beginning of a file that has become shorter: emptied, or cut to its end. A file that cannot be
 * read holds nothing.
 */
bool libvirt_console_holds(struct libvirt_console_search *s);

/* Removes the file, which is written no more. NULL is fine. */
void libvirt_console_close(struct libvirt_console *c);

#endif
