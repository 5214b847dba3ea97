/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A connection to libvirt: to the system's by URI, or to the QEMU driver embedded in this process,
 * which needs no daemon. One event loop serves all connections of the process until it ends.
 *
 * libvirt binds the embedded driver to one root directory for the life of the process. It is `lv`
 * in the work_dir of the process's first session; it is there while a session is open and removed
 * with the last one, also when later sessions have another work_dir.
 */
#ifndef NB_LIBVIRT_SESSION_H
#define NB_LIBVIRT_SESSION_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/*
 * Longest absolute work_dir. libvirt appends up to 45 characters for the monitor's socket
 * ("/lv/lib/qemu/domain-1-nestbench-…/monitor.sock"), and the address of a socket holds 107.
 */
enum { LIBVIRT_WORK_DIR_MAX = 60 };

struct libvirt_session {
	virConnectPtr conn; /* NULL: not open */
	bool embedded;
	char uri[256];	  /* as given to virConnectOpen */
	char version[32]; /* of libvirt: "9.0.0" */
	uint64_t connect_ns;
	uint64_t probe_ns; /* what libvirt_session_probe_qemu took; 0: not called */
	char *emulator;	   /* of which it asked; NULL: not known. libvirt_session_close frees it */
	bool known;	   /* what it can do was in the cache */
	/* Where libvirt keeps the number of a VM's process, NAME.pid, and QEMU's log, NAME.log. */
	char state_dir[160], log_dir[160];
};

#define LIBVIRT_SESSION_NONE                                                                       \
	{                                                                                          \
		0                                                                                  \
	}

/* uri NULL: the embedded driver. Failures are EXIT_MACHINE, with the way to fix it. */
int libvirt_session_open(struct libvirt_session *s, const char *uri, const char *work_dir,
			 struct err *err);

/*
 * Lets libvirt find out now what QEMU can do, with KVM or without, which takes seconds where it is
 * not in the cache: else it would do so within the first start of a VM and make that look slow.
 * What is wrong with QEMU is left for the start to say.
 */
void libvirt_session_probe_qemu(struct libvirt_session *s, const char *emulator, bool kvm);

/* What libvirt knows of that QEMU, as a text for the next start (layer->keep); NULL: nothing, or
 * what is in kept. The caller frees it. */
char *libvirt_session_keep(const struct libvirt_session *s, const char *kept);

/*
 * Closes; a reference that is still held is a bug and reported on stderr. A session that is not
 * open is fine.
 */
void libvirt_session_close(struct libvirt_session *s);

/* Ends a domain at once; one that has ended by itself is fine. */
int libvirt_destroy(virDomainPtr domain, struct err *err);

/* Fills err with "WHAT: libvirt's last error of this thread". Returns -1. */
int libvirt_err(struct err *err, enum exit_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* libvirt writes versions as major * 1000000 + minor * 1000 + micro. */
void libvirt_version_text(unsigned long version, char text[32]);

#endif
