/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/session.h"

#include <ctype.h>
#include <libvirt/virterror.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/libvirt/caps_cache.h"
#include "drivers/libvirt/root.h"
#include "drivers/libvirt/watch.h"
#include "lib/clock.h"
#include "lib/str.h"

/* One of each per process, because libvirt has one of each per process. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct libvirt_root root;
static bool running;

static void ignore_error(void *ctx, virErrorPtr error)
{
}

static void *event_loop(void *ctx)
{
	while (virEventRunDefaultImpl() == 0)
		;
	return NULL;
}

/*
 * The loop is never ended: libvirt allows one registration for the life of the process, and the
 * threads of the embedded driver need it until the very end.
 */
static int start_event_loop(struct err *err)
{
	pthread_t thread;
	int failed;

	if (running)
		return 0;
	virSetErrorFunc(NULL, ignore_error);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0)
		return libvirt_err(err, EXIT_INTERNAL, "cannot start libvirt's event loop");
	failed = pthread_create(&thread, NULL, event_loop, NULL);
	if (failed)
		return err_set(err, EXIT_INTERNAL, "cannot start a thread for libvirt's events: %s",
			       strerror(failed));
	pthread_detach(thread);
	running = true;
	return 0;
}

int libvirt_err(struct err *err, enum exit_code code, const char *fmt, ...)
{
	virErrorPtr last = virGetLastError();
	char text[sizeof(err->text) / 2], reason[sizeof(err->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	str_join_lines(last && last->message ? last->message : "libvirt gives no reason", NULL,
		       reason, sizeof(reason));
	return err_set(err, code, "%s: %s", text, reason);
}

void libvirt_version_text(unsigned long version, char text[32])
{
	snprintf(text, 32, "%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
}

int libvirt_destroy(virDomainPtr domain, struct err *err)
{
	virErrorPtr last;
	int rc;

	libvirt_watch_begin("virDomainDestroy");
	rc = virDomainDestroy(domain);
	libvirt_watch_end();
	last = rc < 0 ? virGetLastError() : NULL;
	if (rc == 0 ||
	    (last && (last->code == VIR_ERR_NO_DOMAIN || last->code == VIR_ERR_OPERATION_INVALID)))
		return 0;
	return libvirt_err(err, EXIT_MACHINE, "cannot destroy the VM %s", virDomainGetName(domain));
}

static void embedded_uri(char *uri, size_t size)
{
	str_copy(uri, size, "qemu:///embed?root=");
	for (const char *c = root.path; *c; c++)
		str_addf(uri, size,
			 isalnum((unsigned char)*c) || strchr("/-._", *c) ? "%c" : "%%%02X",
			 (unsigned char)*c);
}

/* libvirt's warnings would go to stderr, the place for talking to the user. */
static void send_log_to_root(void)
{
	char where[LIBVIRT_ROOT + 32];

	snprintf(where, sizeof(where), "3:file:%s/libvirt.log", root.path);
	setenv("LIBVIRT_LOG_OUTPUTS", where, 1);
}

/* As libvirt names them; of a system's own one, as root alone can look there. */
static void name_dirs(struct libvirt_session *s)
{
	snprintf(s->state_dir, sizeof(s->state_dir), "%s%s", s->embedded ? root.path : "",
		 s->embedded ? "/run/qemu" : "/run/libvirt/qemu");
	snprintf(s->log_dir, sizeof(s->log_dir), "%s%s", s->embedded ? root.path : "",
		 s->embedded ? "/log/qemu" : "/var/log/libvirt/qemu");
}

static int open_connection(struct libvirt_session *s, struct err *err)
{
	uint64_t start = clock_now(&clock_machine);
	unsigned long version;

	libvirt_watch_begin("virConnectOpen");
	s->conn = virConnectOpen(s->uri);
	libvirt_watch_end();
	if (!s->conn)
		return libvirt_err(err, EXIT_MACHINE,
				   s->embedded
					   ? "cannot open libvirt's embedded QEMU driver (Debian "
					     "package libvirt-daemon-driver-qemu) as %s"
					   : "cannot connect to libvirt at %s",
				   s->uri);
	s->connect_ns = clock_now(&clock_machine) - start;
	libvirt_watch_begin("virGetVersion");
	if (virGetVersion(&version, NULL, NULL) == 0)
		libvirt_version_text(version, s->version);
	libvirt_watch_end();
	return 0;
}

int libvirt_session_open(struct libvirt_session *s, const char *uri, const char *work_dir,
			 struct err *err)
{
	sigset_t all, before;
	int rc = -1;

	*s = (struct libvirt_session){.embedded = uri == NULL};
	/* libvirt starts threads here; signals are for the program's own. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	pthread_mutex_lock(&lock);
	if (uri && (size_t)snprintf(s->uri, sizeof(s->uri), "%s", uri) >= sizeof(s->uri)) {
		err_set(err, EXIT_USAGE, "the libvirt URI %.60s… has more than %zu characters", uri,
			sizeof(s->uri) - 1);
		goto out;
	}
	if (!uri) {
		if (libvirt_root_acquire(&root, work_dir, err) < 0)
			goto out;
		embedded_uri(s->uri, sizeof(s->uri));
		send_log_to_root();
	}
	name_dirs(s);
	rc = start_event_loop(err);
	if (rc == 0)
		rc = open_connection(s, err);
	if (!uri && rc == 0)
		libvirt_root_learn(&root);
	if (!uri && rc < 0)
		libvirt_root_release(&root);
out:
	pthread_mutex_unlock(&lock);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

void libvirt_session_probe_qemu(struct libvirt_session *s, const char *emulator, bool kvm)
{
	uint64_t start = clock_now(&clock_machine);

	char *xml, *path;

	libvirt_watch_begin("virConnectGetDomainCapabilities");
	xml = virConnectGetDomainCapabilities(s->conn, emulator, "x86_64", "q35",
					      kvm ? "kvm" : "qemu", 0);
	libvirt_watch_end();
	s->probe_ns = clock_now(&clock_machine) - start;
	path = xml ? strstr(xml, "<path>") : NULL;
	free(s->emulator);
	s->emulator = path ? strndup(path + 6, strcspn(path + 6, "<")) : NULL;
	free(xml);
	s->known = s->embedded && s->emulator && caps_cache_used(root.path, s->emulator);
}

char *libvirt_session_keep(const struct libvirt_session *s, const char *kept)
{
	char *text;

	if (!s->embedded || !s->emulator)
		return NULL;
	pthread_mutex_lock(&lock);
	text = caps_cache_text(root.path, s->emulator, kept);
	pthread_mutex_unlock(&lock);
	return text;
}

void libvirt_session_close(struct libvirt_session *s)
{
	int left;

	if (!s->conn)
		return;
	pthread_mutex_lock(&lock);
	libvirt_watch_begin("virConnectClose");
	left = virConnectClose(s->conn);
	libvirt_watch_end();
	if (left > 0)
		fprintf(stderr,
			"nestbench: bug: the connection to %s is still referenced after its "
			"last use\n",
			s->uri);
	if (s->embedded)
		libvirt_root_release(&root);
	free(s->emulator);
	*s = (struct libvirt_session)LIBVIRT_SESSION_NONE;
	pthread_mutex_unlock(&lock);
}
