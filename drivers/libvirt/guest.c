/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/libvirt/guest.h"

#include <errno.h>
#include <jansson.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "drivers/libvirt/ask.h"
#include "drivers/libvirt/console.h"
#include "drivers/libvirt/examine.h"
#include "drivers/libvirt/watch.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/proc.h"
#include "lib/file.h"
#include "lib/parse.h"
#include "lib/str.h"

#define ENDED "the VM ended before its agent said hello"

enum {
	CONSOLE_LIMIT = 16 << 20,
	CONSOLE_TAIL = 400,
	CONSOLE_LOOK_MS = 10,
	LOOK_MS = 500,
	LAST_WORDS = 400
};

/* Not every driver knows how to autodestroy; for the embedded one the reaper stands in. */
static virDomainPtr create(const struct libvirt_session *s, const char *xml)
{
	virDomainPtr domain = NULL;
	virErrorPtr last;

	if (!s->embedded) {
		domain = virDomainCreateXML(s->conn, xml, VIR_DOMAIN_START_AUTODESTROY);
		last = domain ? NULL : virGetLastError();
		if (!last || (last->code != VIR_ERR_INVALID_ARG &&
			      last->code != VIR_ERR_ARGUMENT_UNSUPPORTED))
			return domain;
	}
	return virDomainCreateXML(s->conn, xml, 0);
}

pid_t libvirt_vm_pid(const struct libvirt_session *s, const char *name)
{
	char path[256], line[32];
	struct err ignored;
	uint64_t pid;

	snprintf(path, sizeof(path), "%s/%s.pid", s->state_dir, name);
	return file_line(line, sizeof(line), "%s", path) &&
			       parse_u64(line, "pid", 2, INT32_MAX, &pid, &ignored) == 0
		       ? (pid_t)pid
		       : 0;
}

/*
 * Whether QEMU ended, while libvirt called it for the first time, without having said why, as by a
 * signal. What it says of a VM that it cannot run stands behind libvirt's words, or is put there:
 * libvirt does not look for it where it only saw the socket fail.
 */
static bool died_silently(const struct libvirt_session *s, const char *name, struct err *err)
{
	static const char of[] = "monitor";
	virErrorPtr last = virGetLastError();
	const char *at = last && last->message ? strstr(last->message, of) : NULL;
	const struct err was = *err;
	char words[LAST_WORDS];

	if (!at)
		return false;
	if (last->code != VIR_ERR_SYSTEM_ERROR) {
		libvirt_words(at + strlen(of), words, sizeof(words));
	} else {
		libvirt_last_words(s, name, words, sizeof(words));
		if (words[0])
			err_set(err, was.code, "%s: %s", was.text, words);
	}
	return !words[0];
}

int libvirt_guest_create(struct libvirt_guest *g, const struct libvirt_session *s, const char *name,
			 const char *xml, struct err *err)
{
	*g = (struct libvirt_guest)LIBVIRT_GUEST_NONE;
	g->created_ns = clock_now(&clock_machine);
	libvirt_watch_begin("virDomainCreateXML");
	g->domain = create(s, xml);
	libvirt_watch_end();
	if (!g->domain) {
		libvirt_err(err, EXIT_MACHINE, "libvirt cannot start the VM");
		g->died = died_silently(s, name, err);
		return -1;
	}
	g->create_ns = clock_now(&clock_machine) - g->created_ns;
	g->pid = libvirt_vm_pid(s, name);
	return 0;
}

/* The last lines of the console in one, without control characters; told by the guest. */
static void console_tail(const char *path, char tail[CONSOLE_TAIL])
{
	struct buf text = BUF_INIT;
	struct err ignored;
	const char *from;
	size_t n = 0;

	tail[0] = '\0';
	if (!path || file_read(path, CONSOLE_LIMIT, &text, &ignored) < 0)
		goto out;
	from = text.len < CONSOLE_TAIL ? buf_str(&text) : text.data + text.len - CONSOLE_TAIL + 1;
	for (; *from; from++) {
		char c = *from == '\n' ? '|' : *from;

		if (c >= ' ' && c <= '~' && !(c == '|' && (n == 0 || tail[n - 1] == '|')))
			tail[n++] = c;
	}
	while (n && (tail[n - 1] == '|' || tail[n - 1] == ' '))
		n--;
	tail[n] = '\0';
out:
	buf_release(&text);
}

static int explain(const struct libvirt_wait *w, const char *what, struct err *err)
{
	char tail[CONSOLE_TAIL];

	console_tail(w->console_log, tail);
	if (tail[0])
		return err_set(err, EXIT_MACHINE, "%s; the last words on its console: %s", what,
			       tail);
	return err_set(err, EXIT_MACHINE, "%s; its console stayed silent", what);
}

static uint64_t console_bytes(const struct libvirt_wait *w)
{
	struct stat st;

	return w->console_log && stat(w->console_log, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Milliseconds until the VM is looked at again; 0: the limit is over. */
static int time_left_ms(struct libvirt_guest *g, struct libvirt_wait *w)
{
	const struct boot_look look = {
		.used_ns = clock_now(&clock_machine) - g->created_ns,
		.waited_ns = g->pid ? proc_longest_wait_ns("", g->pid) : 0,
		.console_bytes = console_bytes(w),
	};
	uint64_t left = boot_limit_left_ns(&w->limit, &look);

	if (!left &&
	    boot_limit_extend(&w->limit, &look, w->limit.firm ? 0 : libvirt_guest_places(g)))
		left = boot_limit_left_ns(&w->limit, &look);
	return left > LOOK_MS * NS_PER_MS ? LOOK_MS : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}

int libvirt_guest_connect(struct libvirt_guest *g, const char *socket_path,
			  const struct libvirt_wait *w, struct err *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(socket_path) >= sizeof(address.sun_path))
		return err_set(
			err, EXIT_USAGE,
			"the socket %s has a path of %zu characters; at most %zu are possible: "
			"use a shorter work directory",
			socket_path, strlen(socket_path), sizeof(address.sun_path) - 1);
	str_copy(address.sun_path, sizeof(address.sun_path), socket_path);
	/* QEMU takes one call: behind another's there would be no end of waiting. */
	g->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (g->fd < 0)
		return err_errno(err, EXIT_INTERNAL, "cannot make a socket");
	if (connect(g->fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		/* QEMU made it before the call that created the VM came back. */
		if (errno == ENOENT || errno == ECONNREFUSED)
			return explain(w, ENDED, err);
		return err_errno(err, EXIT_MACHINE, "cannot connect to the VM's port at %s",
				 socket_path);
	}
	return 0;
}

static int timed_out(const struct libvirt_guest *g, const struct libvirt_wait *w,
		     const char *waited_for, struct err *err)
{
	uint64_t used = clock_now(&clock_machine) - g->created_ns;
	char what[200], starved[64] = "";

	if (w->limit.waited_ns >= NS_PER_S)
		snprintf(starved, sizeof(starved), " (%.1f s of them waiting for a CPU)",
			 (double)w->limit.waited_ns / (double)NS_PER_S);
	snprintf(what, sizeof(what), "the VM runs, but after %.1f s%s there was still no %s",
		 (double)used / (double)NS_PER_S, starved, waited_for);
	return explain(w, what, err);
}

static int cancelled(struct err *err)
{
	return err_set(err, EXIT_INTERRUPTED, "starting the VM was cancelled");
}

int libvirt_guest_wait_byte(struct libvirt_guest *g, struct libvirt_wait *w, struct err *err)
{
	for (;;) {
		struct pollfd p[2] = {{.fd = g->fd, .events = POLLIN}, {.fd = w->cancel_fd}};
		int left = time_left_ms(g, w);
		ssize_t got;
		char byte;

		if (left == 0)
			return timed_out(g, w, "hello from its agent", err);
		if (poll(p, 2, left) < 0 && errno != EINTR)
			return err_errno(err, EXIT_INTERNAL, "cannot wait for the VM");
		if (p[1].revents & (POLLHUP | POLLERR | POLLNVAL))
			return cancelled(err);
		if (!p[0].revents)
			continue;
		got = recv(g->fd, &byte, 1, MSG_PEEK);
		if (got == 1)
			return 0;
		/* QEMU holds the other end: it is gone, and with it the VM. */
		if (got == 0 || (errno != EAGAIN && errno != EINTR))
			return explain(w, ENDED, err);
	}
}

int libvirt_guest_wait_text(struct libvirt_guest *g, struct libvirt_wait *w, const char *text,
			    struct err *err)
{
	struct libvirt_console_search search = {.path = w->console_log, .text = text};
	uint64_t next_look = 0;

	for (;;) {
		struct pollfd p = {.fd = w->cancel_fd, .events = POLLIN};
		bool alive = libvirt_guest_alive(g); /* asked before the last look */
		uint64_t now = clock_now(&clock_machine);

		if (libvirt_console_holds(&search))
			return 0;
		if (!alive)
			return explain(w, "the VM ended before its test line", err);
		if (now >= next_look) {
			int left_ms = time_left_ms(g, w);

			if (left_ms == 0)
				return timed_out(g, w, "test line", err);
			next_look = now + (uint64_t)left_ms * NS_PER_MS;
		}
		if (poll(&p, 1, CONSOLE_LOOK_MS) > 0)
			return cancelled(err);
	}
}

bool libvirt_guest_alive(const struct libvirt_guest *g)
{
	int state, reason, rc;

	if (!g->domain)
		return false;
	libvirt_watch_begin("virDomainGetState");
	rc = virDomainGetState(g->domain, &state, &reason, 0);
	libvirt_watch_end();
	return rc == 0 && state != VIR_DOMAIN_SHUTOFF && state != VIR_DOMAIN_CRASHED &&
	       state != VIR_DOMAIN_SHUTDOWN;
}

/* QEMU's monitor; as virDomainQemuMonitorCommand, with a time limit. */
static int ask_monitor(const struct libvirt_guest *g, const char *command, char **said,
		       unsigned flags)
{
	int rc;

	libvirt_watch_begin("virDomainQemuMonitorCommand");
	rc = virDomainQemuMonitorCommand(g->domain, command, said, flags);
	libvirt_watch_end();
	return rc;
}

/* A question in QMP; what it returns, which the caller releases. NULL: no answer. */
static json_t *ask_qmp(const struct libvirt_guest *g, const char *command)
{
	char *said = NULL;
	json_t *answer = NULL, *returned;

	if (ask_monitor(g, command, &said, 0) == 0)
		answer = json_loads(said, 0, NULL);
	free(said);
	returned = json_incref(json_object_get(answer, "return"));
	json_decref(answer);
	return returned;
}

int libvirt_guest_ask_qemu(const struct libvirt_guest *g, enum accel *accel, char version[32],
			   struct err *err)
{
	json_t *kvm = ask_qmp(g, "{\"execute\":\"query-kvm\"}"), *said;
	int enabled, major, minor, micro;

	version[0] = '\0';
	if (json_unpack(kvm, "{s:b}", "enabled", &enabled) < 0) {
		json_decref(kvm);
		return libvirt_err(err, EXIT_MACHINE,
				   "QEMU does not say which accelerator it uses");
	}
	json_decref(kvm);
	*accel = enabled ? ACCEL_KVM : ACCEL_TCG;
	said = ask_qmp(g, "{\"execute\":\"query-version\"}");
	if (json_unpack(said, "{s:{s:i, s:i, s:i}}", "qemu", "major", &major, "minor", &minor,
			"micro", &micro) == 0)
		snprintf(version, 32, "%d.%d.%d", major, minor, micro);
	json_decref(said);
	return 0;
}

int libvirt_guest_parse_usernet(const char *text)
{
	/* Protocol[State], descriptor, and the address and port that are listened on. */
	const char *at = strstr(text, "TCP[HOST_FORWARD]");
	int fd, port;

	if (at && sscanf(at, "TCP[HOST_FORWARD] %d 127.0.0.1 %d", &fd, &port) == 2 && port > 0 &&
	    port < 65536)
		return port;
	return -1;
}

int libvirt_guest_forwarded_port(const struct libvirt_guest *g, int *port, struct err *err)
{
	char *said = NULL;

	if (ask_monitor(g, "info usernet", &said, VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP) < 0)
		return libvirt_err(err, EXIT_MACHINE,
				   "QEMU does not say which port it forwards to the guest");
	*port = libvirt_guest_parse_usernet(said);
	free(said);
	if (*port < 0)
		return err_set(err, EXIT_MACHINE, "QEMU forwards no port to the guest");
	return 0;
}

void libvirt_guest_destroy(struct libvirt_guest *g)
{
	if (g->domain) {
		struct err err;

		if (libvirt_destroy(g->domain, &err) < 0)
			fprintf(stderr, "nestbench: %s\n", err.text);
		libvirt_ask_end(g);
		virDomainFree(g->domain);
	}
	if (g->fd >= 0)
		close(g->fd);
	*g = (struct libvirt_guest)LIBVIRT_GUEST_NONE;
}
