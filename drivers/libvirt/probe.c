/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/ops.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/libvirt/console.h"
#include "drivers/libvirt/domain_xml.h"
#include "drivers/libvirt/firmware.h"
#include "drivers/libvirt/guest.h"
#include "drivers/libvirt/root.h"
#include "drivers/libvirt/session.h"
#include "lib/clock.h"

enum { DEFAULT_LIMIT_S = 20, DEFAULT_MEMORY = 256 << 20 };

static char *make_xml(const struct libvirt_probe *probe, const char *name, const char *console,
		      struct err *err)
{
	char *cmdline = domain_cmdline("ttyS0", 1, 0, LIBVIRT_PROBE_WORD, err), *xml;
	const struct domain_config d = {
		.name = name,
		.accel = probe->accel,
		.vcpus = 1,
		.measured_vcpus = 1,
		.memory_bytes = probe->memory_bytes ? probe->memory_bytes : DEFAULT_MEMORY,
		.firmware = probe->uri ? NULL : firmware_choose(probe->kernel, 0),
		.kernel = probe->kernel,
		.initrd = probe->initrd,
		.cmdline = cmdline,
		.console_log = console,
	};

	xml = cmdline ? domain_xml(&d, err) : NULL;
	free(cmdline);
	return xml;
}

/* A VM that does not come up is the answer, not an error. */
static int boot(const struct libvirt_probe *probe, const struct libvirt_session *s,
		const char *name, const char *console, const char *xml,
		struct libvirt_probe_result *result, struct err *err)
{
	struct libvirt_wait wait = {
		.limit = {.limit_ns =
				  probe->limit_ns ? probe->limit_ns : DEFAULT_LIMIT_S * NS_PER_S,
			  .firm = probe->limit_ns > 0},
		.cancel_fd = probe->cancel_fd,
		.console_log = console,
	};
	struct libvirt_guest guest = LIBVIRT_GUEST_NONE;
	enum accel real;
	struct err why;
	int rc = 0;

	if (libvirt_guest_create(&guest, s, name, xml, &why) < 0) {
		snprintf(result->reason, sizeof(result->reason), "%s", why.text);
		return 0;
	}
	(void)libvirt_guest_ask_qemu(&guest, &real, result->qemu, &why);
	if (libvirt_guest_wait_text(&guest, &wait, LIBVIRT_PROBE_OK, &why) == 0) {
		result->booted = true;
		result->boot_ns = clock_now(&clock_machine) - guest.created_ns;
	} else if (why.code == EXIT_INTERRUPTED) {
		*err = why;
		rc = -1;
	} else {
		snprintf(result->reason, sizeof(result->reason), "%s", why.text);
	}
	libvirt_guest_destroy(&guest);
	return rc;
}

int libvirt_probe_run(const struct libvirt_probe *probe, struct libvirt_probe_result *result,
		      struct err *err)
{
	struct libvirt_session session = LIBVIRT_SESSION_NONE;
	struct libvirt_console *log = NULL;
	char dir[LIBVIRT_WORK_DIR_MAX + 1], console[sizeof(dir) + 16], name[64], *xml = NULL;
	int rc = -1;

	*result = (struct libvirt_probe_result){0};
	if (libvirt_work_dir(probe->work_dir, dir, err) < 0)
		return -1;
	snprintf(console, sizeof(console), "%s/probe.log", dir);
	snprintf(name, sizeof(name), "nestbench-probe-%d", (int)getpid());
	xml = make_xml(probe, name, console, err);
	if (!xml)
		goto out;
	if (libvirt_session_open(&session, probe->uri, probe->work_dir, err) < 0)
		goto out;
	log = libvirt_console_open(console, err);
	if (!log)
		goto out;
	snprintf(result->libvirt, sizeof(result->libvirt), "%s", session.version);
	result->connect_ns = session.connect_ns;
	libvirt_session_probe_qemu(&session, NULL, probe->accel == ACCEL_KVM);
	rc = boot(probe, &session, name, console, xml, result, err);
out:
	libvirt_console_close(log);
	libvirt_session_close(&session);
	free(xml);
	return rc;
}
