/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/events.h"

#include <inttypes.h>
#include <jansson.h>
#include <libvirt/libvirt-qemu.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/libvirt/session.h"
#include "drivers/libvirt/watch.h"
#include "lib/clock.h"
#include "lib/thread.h"

/* A VM has few events; of one that makes many the latest are kept. */
enum { EVENTS = 32, EVENT_TEXT = 160, RELEASE_LIMIT_S = 5 };

struct libvirt_events {
	virConnectPtr conn;
	char domain[80];
	int lifecycle, monitor; /* numbers of the registrations; -1: none */
	pthread_mutex_t lock;	/* of what follows: the event loop's thread tells */
	pthread_cond_t changed;
	int held; /* registrations that libvirt has not let go of */
	uint64_t begin_ns;
	char text[EVENTS][EVENT_TEXT];
	size_t count; /* of all; the last EVENTS are kept */
	char shutdown[96], stopped[80];
};

static void add_line(struct libvirt_events *e, const char *from, const char *what)
{
	uint64_t now = clock_now(&clock_machine) - e->begin_ns;

	snprintf(e->text[e->count++ % EVENTS], EVENT_TEXT, "%9.3f s  %s: %s",
		 (double)now / (double)NS_PER_S, from, what);
}

static const char *stopped_name(int detail)
{
	switch (detail) {
	case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
		return "shutdown";
	case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
		return "destroyed";
	case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
		return "crashed";
	case VIR_DOMAIN_EVENT_STOPPED_FAILED:
		return "QEMU ended without announcing it";
	default:
		return "for another reason";
	}
}

static const char *event_name(int event)
{
	static const char *const names[] = {[VIR_DOMAIN_EVENT_DEFINED] = "defined",
					    [VIR_DOMAIN_EVENT_UNDEFINED] = "undefined",
					    [VIR_DOMAIN_EVENT_STARTED] = "started",
					    [VIR_DOMAIN_EVENT_SUSPENDED] = "suspended",
					    [VIR_DOMAIN_EVENT_RESUMED] = "resumed",
					    [VIR_DOMAIN_EVENT_STOPPED] = "stopped",
					    [VIR_DOMAIN_EVENT_SHUTDOWN] = "shut down",
					    [VIR_DOMAIN_EVENT_PMSUSPENDED] = "suspended by itself",
					    [VIR_DOMAIN_EVENT_CRASHED] = "crashed"};

	return event >= 0 && (size_t)event < sizeof(names) / sizeof(names[0]) ? names[event]
									      : "another event";
}

/* libvirt takes one type for all kinds of events, and compilers warn of that cast unless it is said
 * to be meant. */
#define ANY_CALLBACK(function) VIR_DOMAIN_EVENT_CALLBACK((void (*)(void))(function))

static int on_lifecycle(virConnectPtr conn, virDomainPtr domain, int event, int detail, void *ctx)
{
	struct libvirt_events *e = ctx;
	char what[80];

	if (strcmp(virDomainGetName(domain), e->domain) != 0)
		return 0;
	if (event == VIR_DOMAIN_EVENT_STOPPED)
		snprintf(what, sizeof(what), "stopped (%s)", stopped_name(detail));
	else
		snprintf(what, sizeof(what), "%s (%d)", event_name(event), detail);
	pthread_mutex_lock(&e->lock);
	add_line(e, "libvirt", what);
	if (event == VIR_DOMAIN_EVENT_STOPPED) {
		snprintf(e->stopped, sizeof(e->stopped), "%s", what);
		pthread_cond_broadcast(&e->changed);
	}
	pthread_mutex_unlock(&e->lock);
	return 0;
}

/* "guest-reset" of {"guest":true,"reason":"guest-reset"}: told by QEMU, not by the guest. */
static void find_reason(const char *details, char *reason, size_t size)
{
	json_t *all = details ? json_loads(details, 0, NULL) : NULL;
	const char *said = json_string_value(json_object_get(all, "reason"));

	snprintf(reason, size, "%s", said ? said : "");
	json_decref(all);
}

static void on_monitor(virConnectPtr conn, virDomainPtr domain, const char *event,
		       long long seconds, unsigned int micros, const char *details, void *ctx)
{
	struct libvirt_events *e = ctx;
	char what[EVENT_TEXT], reason[48];

	if (strcmp(virDomainGetName(domain), e->domain) != 0)
		return;
	snprintf(what, sizeof(what), "%.40s %.100s", event, details ? details : "");
	find_reason(details, reason, sizeof(reason));
	pthread_mutex_lock(&e->lock);
	add_line(e, "QEMU", what);
	/* The first tells why: a VM that shuts down is ended by libvirt, which is told of too. */
	if (!e->shutdown[0] &&
	    (strcmp(event, "SHUTDOWN") == 0 || strcmp(event, "GUEST_PANICKED") == 0 ||
	     strcmp(event, "WATCHDOG") == 0))
		snprintf(e->shutdown, sizeof(e->shutdown), "%.20s%s%s%s", event,
			 reason[0] ? " (" : "", reason, reason[0] ? ")" : "");
	pthread_mutex_unlock(&e->lock);
}

/* The event loop lets go of one of the registrations. */
static void on_release(void *ctx)
{
	struct libvirt_events *e = ctx;

	pthread_mutex_lock(&e->lock);
	e->held--;
	pthread_cond_broadcast(&e->changed);
	pthread_mutex_unlock(&e->lock);
}

static struct libvirt_events *make(virConnectPtr conn, const char *domain)
{
	struct libvirt_events *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->conn = conn;
	e->lifecycle = e->monitor = -1;
	e->begin_ns = clock_now(&clock_machine);
	snprintf(e->domain, sizeof(e->domain), "%s", domain);
	pthread_mutex_init(&e->lock, NULL);
	thread_cond_init(&e->changed);
	return e;
}

struct libvirt_events *libvirt_events_begin(virConnectPtr conn, const char *domain, struct err *err)
{
	struct libvirt_events *e = make(conn, domain);

	if (!e) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	e->held = 2;
	libvirt_watch_begin("virConnectDomainEventRegisterAny");
	e->lifecycle = virConnectDomainEventRegisterAny(conn, NULL, VIR_DOMAIN_EVENT_ID_LIFECYCLE,
							ANY_CALLBACK(on_lifecycle), e, on_release);
	e->monitor = virConnectDomainQemuMonitorEventRegister(conn, NULL, NULL, on_monitor, e,
							      on_release, 0);
	libvirt_watch_end();
	pthread_mutex_lock(&e->lock);
	e->held -= (e->lifecycle < 0) + (e->monitor < 0);
	pthread_mutex_unlock(&e->lock);
	/* QEMU's own events are the better part; libvirt's alone are worth having. */
	if (e->lifecycle >= 0)
		return e;
	libvirt_err(err, EXIT_MACHINE, "libvirt tells of no events");
	libvirt_events_end(e);
	return NULL;
}

void libvirt_events_clear(struct libvirt_events *e)
{
	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->count = 0;
	e->shutdown[0] = e->stopped[0] = '\0';
	e->begin_ns = clock_now(&clock_machine);
	pthread_mutex_unlock(&e->lock);
}

bool libvirt_events_wait_stopped(struct libvirt_events *e, uint64_t limit_ns)
{
	struct timespec end = thread_time_after(limit_ns);
	bool stopped;

	if (!e)
		return false;
	pthread_mutex_lock(&e->lock);
	while (!e->stopped[0])
		if (pthread_cond_timedwait(&e->changed, &e->lock, &end))
			break;
	stopped = e->stopped[0] != '\0';
	pthread_mutex_unlock(&e->lock);
	return stopped;
}

void libvirt_events_list(struct libvirt_events *e, struct buf *out)
{
	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	if (e->count > EVENTS)
		buf_addf(out, "(%zu events before)\n", e->count - EVENTS);
	for (size_t i = e->count > EVENTS ? e->count - EVENTS : 0; i < e->count; i++)
		buf_addf(out, "%s\n", e->text[i % EVENTS]);
	pthread_mutex_unlock(&e->lock);
}

void libvirt_events_ending(struct libvirt_events *e, char *text, size_t size)
{
	text[0] = '\0';
	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	if (e->shutdown[0])
		snprintf(text, size, "QEMU reported %s%s%s", e->shutdown,
			 e->stopped[0] ? ", libvirt: " : "", e->stopped);
	else if (e->stopped[0])
		snprintf(text, size, "libvirt: %s", e->stopped);
	pthread_mutex_unlock(&e->lock);
}

void libvirt_events_end(struct libvirt_events *e)
{
	struct timespec end = thread_time_after(RELEASE_LIMIT_S * NS_PER_S);
	bool held;

	if (!e)
		return;
	libvirt_watch_begin("virConnectDomainEventDeregisterAny");
	if (e->lifecycle >= 0)
		virConnectDomainEventDeregisterAny(e->conn, e->lifecycle);
	if (e->monitor >= 0)
		virConnectDomainQemuMonitorEventDeregister(e->conn, e->monitor);
	libvirt_watch_end();
	pthread_mutex_lock(&e->lock);
	while (e->held > 0)
		if (pthread_cond_timedwait(&e->changed, &e->lock, &end))
			break;
	held = e->held > 0;
	pthread_mutex_unlock(&e->lock);
	/* An event loop that is stuck may still come to it. */
	if (held)
		return;
	pthread_cond_destroy(&e->changed);
	pthread_mutex_destroy(&e->lock);
	free(e);
}
