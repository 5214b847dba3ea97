/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain that is a container: it is handed a descriptor, and ends with the connection. */
#include <stdio.h>
#include <stdlib.h>

#include "drivers/libvirt/ops.h"
#include "drivers/libvirt/session.h"
#include "drivers/libvirt/watch.h"
#include "lib/str.h"

struct libvirt_domain {
	struct libvirt_session session;
	virDomainPtr domain;
};

static virDomainPtr create(struct libvirt_domain *d, const char *xml, int fd)
{
	int files[] = {fd};
	virDomainPtr domain;

	libvirt_watch_begin("virDomainCreateXMLWithFiles");
	domain = virDomainCreateXMLWithFiles(d->session.conn, xml, 1, files,
					     VIR_DOMAIN_START_AUTODESTROY);
	libvirt_watch_end();
	return domain;
}

int libvirt_start_with_fd(const struct layer_spec *spec, const char *uri, const char *xml, int fd,
			  struct libvirt_domain **out, char version[32], struct err *err)
{
	struct libvirt_domain *d = calloc(1, sizeof(*d));
	int opened;

	if (!d)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	libvirt_watch_listener(spec->waits_for, spec->waits_ctx);
	opened = libvirt_session_open(&d->session, uri, NULL, err);
	d->domain = opened == 0 ? create(d, xml, fd) : NULL;
	libvirt_watch_listener(NULL, NULL);
	if (opened < 0) {
		free(d);
		return -1;
	}
	if (!d->domain) {
		libvirt_err(err, EXIT_MACHINE, "libvirt cannot start the container");
		libvirt_end(d);
		return -1;
	}
	str_copy(version, 32, d->session.version);
	*out = d;
	return 0;
}

void libvirt_end(struct libvirt_domain *d)
{
	struct err err;

	if (d->domain) {
		if (libvirt_destroy(d->domain, &err) < 0)
			fprintf(stderr, "nestbench: %s\n", err.text);
		virDomainFree(d->domain);
	}
	libvirt_session_close(&d->session);
	free(d);
}
