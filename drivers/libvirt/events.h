/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What libvirt and QEMU tell of one domain while it lives and how it ended. A transient domain is
 * gone before it can be asked, so this listens from before it is created.
 */
#ifndef NB_LIBVIRT_EVENTS_H
#define NB_LIBVIRT_EVENTS_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

struct libvirt_events;

/* Listens to the domain of this name (kept). NULL: libvirt offers no events, or no memory. */
struct libvirt_events *libvirt_events_begin(virConnectPtr conn, const char *domain,
					    struct err *err);

/* Forgets what was told so far: the domain is started again. NULL is fine, as below. */
void libvirt_events_clear(struct libvirt_events *e);

/* Waits until the domain has stopped, at most limit_ns; whether it has. */
bool libvirt_events_wait_stopped(struct libvirt_events *e, uint64_t limit_ns);

/* All events, one a line, with the time since libvirt_events_begin or _clear. */
void libvirt_events_list(struct libvirt_events *e, struct buf *out);

/*
 * How the domain ended, in one line: "QEMU reported SHUTDOWN (guest-reset), libvirt: stopped
 * (shutdown)"; "" when it did not.
 */
void libvirt_events_ending(struct libvirt_events *e, char *text, size_t size);

/* Stops to listen; the connection is not referenced any more then. */
void libvirt_events_end(struct libvirt_events *e);

#endif
