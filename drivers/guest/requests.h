/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Requests to the QEMU guest agent of a domain, through libvirt. Errors are EXIT_MACHINE and name
 * the request and the domain. What comes from there is checked.
 */
#ifndef NB_GUEST_REQUESTS_H
#define NB_GUEST_REQUESTS_H

#include <jansson.h>

#include "drivers/guest/guest.h"
#include "drivers/libvirt/session.h"
#include "lib/buf.h"

struct guest_agent {
	struct libvirt_session session;
	virDomainPtr domain; /* NULL: none */
	const char *name;    /* of it; borrowed */
};

#define GUEST_AGENT_NONE                                                                           \
	{                                                                                          \
		.session = LIBVIRT_SESSION_NONE                                                    \
	}

/* Finds the domain; nothing is asked of the agent in it. */
int guest_agent_open(struct guest_agent *g, const struct guest_target *t, struct err *err);
void guest_agent_close(struct guest_agent *g);

/* One request; args is released here (NULL: none). What it returns is the caller's; NULL: err. */
json_t *guest_request(struct guest_agent *g, const char *verb, json_t *args, struct err *err);

/* Starts a shell script there. */
int guest_spawn(struct guest_agent *g, const char *script, json_int_t *pid, struct err *err);

/* Whether it has ended; its exit code in *code (-1: a signal), and what it said in *said (either
 * may be NULL). An end is told once. */
int guest_ended(struct guest_agent *g, json_int_t pid, bool *ended, int *code, struct buf *said,
		struct err *err);

/* Runs it to its end; what it printed is in the err where its exit code is not 0. */
int guest_shell(struct guest_agent *g, const char *script, uint64_t limit_ns, struct err *err);

/* Files there; a handle lives until it is closed, or the agent ends. mode as of fopen. */
int guest_open_file(struct guest_agent *g, const char *path, const char *mode, json_int_t *handle,
		    struct err *err);
int guest_write(struct guest_agent *g, json_int_t handle, const void *data, size_t len,
		struct err *err);
int guest_flush(struct guest_agent *g, json_int_t handle, struct err *err);
/* Appends what is there; nothing at the end of the file, behind which more may come. */
int guest_read(struct guest_agent *g, json_int_t handle, struct buf *out, struct err *err);
/* -1 is none. */
void guest_close_file(struct guest_agent *g, json_int_t handle);

#endif
