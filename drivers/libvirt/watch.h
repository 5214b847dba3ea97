/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A time limit for calls of libvirt, which has none of its own: a daemon or a QEMU that does not
 * answer would be waited for without end, and a thread that hangs in libvirt cannot be ended alone.
 * So the process ends, with the name of the call on stderr and EXIT_MACHINE; its reaper (reaper.h)
 * ends the VMs, and the parent layer sees it end.
 */
#ifndef NB_LIBVIRT_WATCH_H
#define NB_LIBVIRT_WATCH_H

#include <stdint.h>

/* How long a call may take when nothing is known: a system's libvirt was seen to take 68 s. */
#define LIBVIRT_CALL_LIMIT_NS (180 * UINT64_C(1000000000))

/* How long each call may take from now on; 0: LIBVIRT_CALL_LIMIT_NS. */
void libvirt_watch_limit(uint64_t ns);

/* What is told the name of each call that begins; NULL: nothing. */
void libvirt_watch_listener(void (*tell)(void *ctx, const char *what), void *ctx);

/* Around a call, of which there is one at a time; its name must outlive it. */
void libvirt_watch_begin(const char *call);
void libvirt_watch_end(void);

#endif
