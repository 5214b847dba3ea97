/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions about a VM whose QEMU may hang. They are asked in a thread of their own: libvirt has no
 * limit for its calls, and one that hangs must end neither this process (watch.h) nor the search
 * for the cause.
 */
#ifndef NB_LIBVIRT_ASK_H
#define NB_LIBVIRT_ASK_H

#include "drivers/libvirt/guest.h"

/*
 * Calls question(domain, ctx) and waits, a few seconds. True: it has come back, and ctx is the
 * caller's again; false: not in time, or it was not even asked: ctx is released by `release`, once
 * nothing uses it. While one question hangs no other is asked.
 */
bool libvirt_ask(struct libvirt_guest *g, void (*question)(virDomainPtr domain, void *ctx),
		 void *ctx, void (*release)(void *ctx));

/* The guest is destroyed: waits for what was asked and not answered until then. */
void libvirt_ask_end(struct libvirt_guest *g);

#endif
