/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/ops.h"

#include <stdlib.h>
#include <string.h>

#include "drivers/libvirt/session.h"
#include "drivers/libvirt/watch.h"

#define OURS "nestbench-"

int libvirt_sweep(const char *uri, const char *prefix, bool dry_run, struct buf *said,
		  struct err *err)
{
	struct libvirt_session s = LIBVIRT_SESSION_NONE;
	virDomainPtr *domain = NULL;
	int count, found = 0;

	if (strncmp(prefix, OURS, strlen(OURS)) != 0)
		return err_set(err, EXIT_USAGE,
			       "only VMs of nestbench are ended, whose names begin with " OURS
			       ", not \"%s\"",
			       prefix);
	if (libvirt_session_open(&s, uri, NULL, err) < 0)
		return -1;
	libvirt_watch_begin("virConnectListAllDomains");
	count = virConnectListAllDomains(s.conn, &domain, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	libvirt_watch_end();
	if (count < 0)
		found = libvirt_err(err, EXIT_MACHINE, "cannot list the domains at %s", uri);
	for (int i = 0; i < count; i++) {
		const char *name = virDomainGetName(domain[i]);

		if (found >= 0 && name && strncmp(name, prefix, strlen(prefix)) == 0) {
			buf_addf(said, "%s%s", said->len ? ", " : "", name);
			found++;
			if (!dry_run && libvirt_destroy(domain[i], err) < 0)
				found = -1;
		}
		virDomainFree(domain[i]);
	}
	free(domain);
	libvirt_session_close(&s);
	return found;
}

int libvirt_runs(const char *uri, const char *uuid, struct buf *said, struct err *err)
{
	struct libvirt_session s = LIBVIRT_SESSION_NONE;
	virDomainPtr domain;
	int runs;

	if (libvirt_session_open(&s, uri, NULL, err) < 0)
		return -1;
	libvirt_watch_begin("virDomainLookupByUUIDString");
	domain = virDomainLookupByUUIDString(s.conn, uuid);
	libvirt_watch_end();
	runs = domain && virDomainIsActive(domain) == 1;
	if (runs)
		buf_addf(said, "%s at %s", virDomainGetName(domain), uri);
	if (domain)
		virDomainFree(domain);
	libvirt_session_close(&s);
	return runs;
}
