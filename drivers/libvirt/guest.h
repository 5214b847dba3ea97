/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One running VM: from XML to the first byte of its agent, and to its end.
 */
#ifndef NB_LIBVIRT_GUEST_H
#define NB_LIBVIRT_GUEST_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

#include "drivers/driver.h"
#include "drivers/libvirt/boot_limit.h"
#include "drivers/libvirt/options.h"
#include "drivers/libvirt/session.h"
#include "lib/err.h"

struct libvirt_question; /* see ask.h */

struct libvirt_guest {
	virDomainPtr domain; /* NULL: none */
	pid_t pid;	     /* of its QEMU; 0: not known */
	bool died;	     /* it has no domain, as its QEMU ended at once without a word */
	int fd;		     /* the agent's byte stream; -1: none */
	uint64_t created_ns; /* when virDomainCreateXML was called, on clock_machine */
	uint64_t create_ns;  /* how long it took */
	struct libvirt_question *asked; /* and QEMU did not answer in time; NULL: none */
};

#define LIBVIRT_GUEST_NONE                                                                         \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* When to give up waiting for a guest, and where to look for what went wrong. */
struct libvirt_wait {
	struct boot_limit limit; /* from created_ns on */
	int cancel_fd;		 /* when this hangs up; -1: never */
	const char *console_log; /* its last lines become part of the err; NULL: none */
};

/*
 * Creates a transient domain, whose name xml holds; at a daemon, libvirt destroys it should this
 * process go away. On failure there is no domain.
 */
int libvirt_guest_create(struct libvirt_guest *g, const struct libvirt_session *s, const char *name,
			 const char *xml, struct err *err);

/* The process of a VM of this name, as libvirt notes it; 0: not known. */
pid_t libvirt_vm_pid(const struct libvirt_session *s, const char *name);

/* Connects g->fd to the UNIX socket behind the guest's port. */
int libvirt_guest_connect(struct libvirt_guest *g, const char *socket_path,
			  const struct libvirt_wait *w, struct err *err);

/*
 * Waits until a byte can be read from g->fd. Errors: EXIT_MACHINE when the guest died or the time
 * is over, EXIT_INTERRUPTED when cancelled.
 */
int libvirt_guest_wait_byte(struct libvirt_guest *g, struct libvirt_wait *w, struct err *err);

/*
 * The same for a text on the console, which is looked at every few milliseconds. Here cancel_fd
 * cancels when it is readable, too.
 */
int libvirt_guest_wait_text(struct libvirt_guest *g, struct libvirt_wait *w, const char *text,
			    struct err *err);

/* Is the domain still there? */
bool libvirt_guest_alive(const struct libvirt_guest *g);

/* What QEMU itself says: the accelerator in use, and its version ("" when it does not say). */
int libvirt_guest_ask_qemu(const struct libvirt_guest *g, enum accel *accel, char version[32],
			   struct err *err);

/* The port of loopback that QEMU's user-mode network forwards to the guest. */
int libvirt_guest_forwarded_port(const struct libvirt_guest *g, int *port, struct err *err);

/* The same from what the monitor's "info usernet" says; -1: it says of none. */
int libvirt_guest_parse_usernet(const char *text);

/* Ends the VM at once and frees what the guest holds; one that is not there is fine. */
void libvirt_guest_destroy(struct libvirt_guest *g);

#endif
