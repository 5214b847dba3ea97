/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exits by reason (exit_trace.h) of the VMs at a service, for as long as they are looked at.
 */
#ifndef NB_LIBVIRT_REASONS_H
#define NB_LIBVIRT_REASONS_H

#include <stdbool.h>
#include <stddef.h>

#include "drivers/counts.h"
#include "drivers/libvirt/exit_trace.h"
#include "drivers/libvirt/session.h"

struct libvirt_reasons_vm {
	char uuid[37];
	struct exit_trace *trace; /* NULL: it cannot be */
	bool seen;		  /* since the last libvirt_reasons_forget */
};

/* Zeroed: none. */
struct libvirt_reasons {
	struct libvirt_reasons_vm *vm;
	size_t count;
	char remark[COUNTS_REMARK]; /* what is needed for it; "": it is there */
};

/* Adds what was counted of a VM since it was first asked about. */
void libvirt_reasons_add(struct libvirt_reasons *r, const struct libvirt_session *s,
			 const char *name, const char *uuid, struct counts *out);

/* Ends the counting of the VMs that were not asked about since the last time. */
void libvirt_reasons_forget(struct libvirt_reasons *r);

void libvirt_reasons_close(struct libvirt_reasons *r);

#endif
