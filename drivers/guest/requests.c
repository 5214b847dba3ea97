/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "drivers/guest/requests.h"

#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "drivers/guest/base64.h"
#include "drivers/libvirt/watch.h"
#include "lib/clock.h"

/* One request, on a guest that is busy; of a read, so much at once. */
enum { REQUEST_S = 20, READ_BYTES = 256 << 10 };
#define STEP_US 20000

int guest_agent_open(struct guest_agent *g, const struct guest_target *t, struct err *err)
{
	*g = (struct guest_agent)GUEST_AGENT_NONE;
	g->name = t->domain;
	if (libvirt_session_open(&g->session, t->uri, NULL, err) < 0) {
		const struct err was = *err;

		return err_set(err, was.code,
			       "%s; start that libvirt, or name another: guest=%s,uri=URI",
			       was.text, t->domain);
	}
	libvirt_watch_begin("virDomainLookupByName");
	g->domain = virDomainLookupByName(g->session.conn, t->domain);
	libvirt_watch_end();
	if (g->domain)
		return 0;
	err_set(err, EXIT_MACHINE, "there is no domain \"%.80s\" at %s (virsh -c %s list --all)",
		t->domain, t->uri, t->uri);
	guest_agent_close(g);
	return -1;
}

void guest_agent_close(struct guest_agent *g)
{
	if (g->domain)
		virDomainFree(g->domain);
	libvirt_session_close(&g->session);
	*g = (struct guest_agent)GUEST_AGENT_NONE;
}

/* ---- one request ---- */

static json_t *parse_answer(const struct guest_agent *g, const char *verb, const char *answer,
			    struct err *err)
{
	json_t *whole = json_loads(answer, 0, NULL), *value = json_object_get(whole, "return");

	json_incref(value);
	json_decref(whole);
	if (!value)
		err_set(err, EXIT_MACHINE, "the guest agent of %s, %s: a malformed answer: %.80s",
			g->name, verb, answer);
	return value;
}

json_t *guest_request(struct guest_agent *g, const char *verb, json_t *args, struct err *err)
{
	json_t *request = json_pack("{s:s, s:o*}", "execute", verb, "arguments", args);
	char *text = request ? json_dumps(request, JSON_COMPACT) : NULL, *answer = NULL;
	json_t *value = NULL;

	json_decref(request);
	if (!text) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	libvirt_watch_begin("virDomainQemuAgentCommand");
	answer = virDomainQemuAgentCommand(g->domain, text, REQUEST_S, 0);
	libvirt_watch_end();
	free(text);
	if (answer)
		value = parse_answer(g, verb, answer, err);
	else
		libvirt_err(err, EXIT_MACHINE, "the guest agent of %s, %s", g->name, verb);
	free(answer);
	return value;
}

/* The same, where nothing of the answer matters. */
static int order(struct guest_agent *g, const char *verb, json_t *args, struct err *err)
{
	json_t *answer = guest_request(g, verb, args, err);

	json_decref(answer);
	return answer ? 0 : -1;
}

/* The same; what is returned is checked by its form. */
static int ask_number(struct guest_agent *g, const char *verb, json_t *args, const char *member,
		      json_int_t *number, struct err *err)
{
	json_t *answer = guest_request(g, verb, args, err);
	const json_t *value = member ? json_object_get(answer, member) : answer;
	int done = -1;

	if (json_is_integer(value)) {
		*number = json_integer_value(value);
		done = 0;
	} else if (answer) {
		err_set(err, EXIT_MACHINE, "the guest agent of %s, %s: an answer without a number",
			g->name, verb);
	}
	json_decref(answer);
	return done;
}

/* ---- programs ---- */

int guest_spawn(struct guest_agent *g, const char *script, json_int_t *pid, struct err *err)
{
	json_t *args = json_pack("{s:s, s:[s, s], s:b}", "path", "/bin/sh", "arg", "-c", script,
				 "capture-output", 1);

	return ask_number(g, "guest-exec", args, "pid", pid, err);
}

int guest_ended(struct guest_agent *g, json_int_t pid, bool *ended, int *code, struct buf *said,
		struct err *err)
{
	json_t *answer = guest_request(g, "guest-exec-status", json_pack("{s:I}", "pid", pid), err);
	const json_t *exit_code = json_object_get(answer, "exitcode");
	static const char *const streams[] = {"out-data", "err-data"};
	int done = answer ? 0 : -1;

	*ended = json_is_true(json_object_get(answer, "exited"));
	if (code)
		*code = exit_code ? (int)json_integer_value(exit_code) : -1;
	for (size_t i = 0; said && done == 0 && i < 2; i++) {
		const char *data = json_string_value(json_object_get(answer, streams[i]));

		if (data)
			done = base64_decode(data, said, err);
	}
	json_decref(answer);
	return done;
}

int guest_shell(struct guest_agent *g, const char *script, uint64_t limit_ns, struct err *err)
{
	uint64_t until = clock_now(&clock_machine) + limit_ns;
	struct buf said = BUF_INIT;
	json_int_t pid;
	bool ended = false;
	int code = 0, done = guest_spawn(g, script, &pid, err);

	while (done == 0 && !ended) {
		done = guest_ended(g, pid, &ended, &code, &said, err);
		if (done == 0 && !ended && clock_now(&clock_machine) > until)
			done = err_set(err, EXIT_MACHINE, "in %s this does not end: %.200s",
				       g->name, script);
		if (!ended)
			usleep(STEP_US);
	}
	if (done == 0 && code != 0)
		done = err_set(err, EXIT_MACHINE, "in %s this ends with %d: %.200s: %.*s", g->name,
			       code, script, (int)strcspn(buf_str(&said), "\n"), buf_str(&said));
	buf_release(&said);
	return done;
}

/* ---- files ---- */

int guest_open_file(struct guest_agent *g, const char *path, const char *mode, json_int_t *handle,
		    struct err *err)
{
	return ask_number(g, "guest-file-open", json_pack("{s:s, s:s}", "path", path, "mode", mode),
			  NULL, handle, err);
}

int guest_write(struct guest_agent *g, json_int_t handle, const void *data, size_t len,
		struct err *err)
{
	struct buf text = BUF_INIT;
	json_int_t count = 0;
	int done = -1;

	base64_encode(data, len, &text);
	if (buf_check(&text, err) == 0)
		done = ask_number(
			g, "guest-file-write",
			json_pack("{s:I, s:s}", "handle", handle, "buf-b64", buf_str(&text)),
			"count", &count, err);
	buf_release(&text);
	if (done == 0 && count != (json_int_t)len)
		return err_set(err, EXIT_MACHINE,
			       "the guest agent of %s wrote %lld of %zu bytes: is its disk full?",
			       g->name, (long long)count, len);
	return done;
}

int guest_flush(struct guest_agent *g, json_int_t handle, struct err *err)
{
	return order(g, "guest-file-flush", json_pack("{s:I}", "handle", handle), err);
}

int guest_read(struct guest_agent *g, json_int_t handle, struct buf *out, struct err *err)
{
	json_t *answer =
		guest_request(g, "guest-file-read",
			      json_pack("{s:I, s:i}", "handle", handle, "count", READ_BYTES), err);
	const char *data = json_string_value(json_object_get(answer, "buf-b64"));
	int done = data ? base64_decode(data, out, err) : -1;

	if (answer && !data)
		err_set(err, EXIT_MACHINE, "the guest agent of %s, guest-file-read: no data",
			g->name);
	json_decref(answer);
	return done;
}

void guest_close_file(struct guest_agent *g, json_int_t handle)
{
	struct err ignored;

	if (handle >= 0)
		(void)order(g, "guest-file-close", json_pack("{s:I}", "handle", handle), &ignored);
}
