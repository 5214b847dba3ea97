/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A look into a VM that has gone down, or does not answer: what is left of it as evidence.
 */
#ifndef NB_LIBVIRT_EXAMINE_H
#define NB_LIBVIRT_EXAMINE_H

#include "drivers/evidence.h"
#include "drivers/libvirt/events.h"
#include "drivers/libvirt/guest.h"

/*
 * Collects what there is, before the guest is destroyed; of one that is gone already, or never was
 * (g->died), what is left. events and console_log may be NULL. Takes a few seconds at most, also
 * where QEMU hangs.
 */
void libvirt_examine(struct libvirt_guest *g, const struct libvirt_session *s, const char *name,
		     struct libvirt_events *events, const char *console_log, struct evidence *out);

/* What QEMU says in these lines, in one: all but its warnings, and what libvirt wrote between. */
void libvirt_words(const char *lines, char *words, size_t size);

/* The same of what it wrote into its log since it was started last; "": nothing, or the log cannot
 * be read. */
void libvirt_last_words(const struct libvirt_session *s, const char *name, char *words,
			size_t size);

/* In how many different pages of code its vCPUs are seen within a moment. 0: QEMU does not say. */
unsigned libvirt_guest_places(struct libvirt_guest *g);

#endif
