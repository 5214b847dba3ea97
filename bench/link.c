/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

/* What handling a message costs, in bytes of a long one. */
enum { MESSAGE_COST = 4096 };

void link_open(struct link *l, int fd, const struct clock *clock, int interrupt_fd)
{
	*l = (struct link){
		.clock = clock, .interrupt_fd = interrupt_fd, .alive = 1, .guests = 1, .asked = 1};
	channel_open(&l->channel, fd, fd);
}

void link_release(struct link *l)
{
	channel_release(&l->channel);
}

/* Text from a guest ends in files and on terminals: only printable ASCII is kept. */
static void copy_clean(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
	for (; *to; to++)
		if (*to < ' ' || *to > '~')
			*to = '?';
}

void link_lose(struct link *l, int depth, const char *reason)
{
	char clean[200];

	if (depth >= l->alive)
		return;
	copy_clean(clean, sizeof(clean), reason);
	snprintf(l->gone, sizeof(l->gone), "L%d is gone: %s", depth, clean);
	l->alive = depth;
}

void link_lose_guest(struct link *l, int guest, const char *reason)
{
	char clean[200];

	if (guest < 1 || guest > l->guests)
		return;
	copy_clean(clean, sizeof(clean), reason);
	snprintf(l->guest_gone, sizeof(l->guest_gone), "guest %d is gone: %s", guest + 1, clean);
	l->guests = guest;
}

int link_guest_of(const json_t *message)
{
	return (int)json_integer_value(json_object_get(message, "guest"));
}

static bool reachable(const struct link *l, int to)
{
	return to < l->alive && l->asked <= l->guests;
}

static int gone_err(const struct link *l, int to, struct err *err)
{
	const char *why = to < l->alive ? l->guest_gone : l->gone;

	return err_set(err, EXIT_INTERNAL, "%s", why[0] ? why : "the layer was not started");
}

static int send_request(struct link *l, json_int_t id, int to, const char *verb, json_t *body,
			struct err *err)
{
	json_t *m = json_pack("{s:I, s:i, s:s}", "id", id, "to", to, "do", verb);

	if (m && body && json_object_update(m, body) < 0) {
		json_decref(m);
		m = NULL;
	}
	json_decref(body);
	if (m && l->asked > 1)
		json_object_set_new(m, "guests", json_integer(l->asked));
	if (channel_send(&l->channel, m, err) == 0)
		return 0;
	link_lose(l, 0, err->text);
	return -1;
}

json_int_t link_ask(struct link *l, int to, const char *verb, json_t *body, struct err *err)
{
	json_t *guests = json_object_get(body, "guests");

	l->asked = guests ? (int)json_integer_value(guests) : 1;
	l->verb = verb;
	if (!reachable(l, to)) {
		json_decref(body);
		return gone_err(l, to, err);
	}
	return send_request(l, ++l->last_id, to, verb, body, err) < 0 ? -1 : l->last_id;
}

int link_tell(struct link *l, json_int_t id, int to, const char *verb, struct err *err)
{
	if (!reachable(l, to))
		return gone_err(l, to, err);
	return send_request(l, id, to, verb, NULL, err);
}

static enum link_event agent_error(const json_t *m, struct err *err)
{
	const char *text = json_string_value(json_object_get(m, "text"));
	json_int_t code = json_integer_value(json_object_get(m, "code"));
	char clean[800];

	copy_clean(clean, sizeof(clean), text && *text ? text : "an error without a text");
	err_set(err,
		code == EXIT_MACHINE || code == EXIT_USAGE ? (enum exit_code)code : EXIT_INTERNAL,
		"%s", clean);
	return LINK_ERROR;
}

/* What a message means for request id to layer `to`; -1: nothing, it is dropped. */
static int classify(struct link *l, json_t *m, json_int_t id, int to, struct err *err)
{
	const char *is = json_string_value(json_object_get(m, "is"));
	json_int_t from = json_integer_value(json_object_get(m, "from"));
	int guest = link_guest_of(m);

	if (!is || from < 0 || from > DEPTH_MAX || guest < 0)
		return -1;
	if (strcmp(is, "gone") == 0) {
		const char *text = json_string_value(json_object_get(m, "text"));

		text = text ? text : "no reason given";
		if (guest > 0)
			link_lose_guest(l, guest, text);
		else
			link_lose(l, (int)from, text);
		if (reachable(l, to))
			return -1;
		gone_err(l, to, err);
		return LINK_GONE;
	}
	/* An answer counts only under its own id; errors may also come from a layer on the way. */
	if (json_integer_value(json_object_get(m, "id")) != id)
		return -1;
	if (strcmp(is, "error") == 0 && from <= to)
		return (int)agent_error(m, err);
	if (from != to || guest >= l->asked)
		return -1;
	if (strcmp(is, "ready") == 0)
		return LINK_READY;
	if (strcmp(is, "row") == 0)
		return LINK_ROW;
	return strcmp(is, "done") == 0 ? LINK_DONE : -1;
}

/* Waits for bytes. 0: look at the channel; else the event that ends the wait. */
static int wait_bytes(struct link *l, int to, uint64_t end, uint64_t limit_ns, struct err *err)
{
	struct pollfd p[2] = {{.fd = l->channel.fd_in, .events = POLLIN},
			      {.fd = l->interrupt_fd, .events = POLLIN}};
	uint64_t now = clock_now(l->clock);
	int more;

	if (now >= end) {
		err_set(err, EXIT_INTERNAL, "L%d did not answer \"%s\" within %.0f s", to,
			l->verb ? l->verb : "", (double)limit_ns / (double)NS_PER_S);
		return LINK_TIMEOUT;
	}
	poll(p, 2, (end - now) / NS_PER_MS >= 1000 ? 1000 : (int)((end - now) / NS_PER_MS) + 1);
	if (p[1].revents) {
		err_set(err, EXIT_INTERRUPTED, "interrupted");
		return LINK_INTERRUPT;
	}
	if (!p[0].revents)
		return 0;
	more = channel_fill(&l->channel, err);
	if (more > 0)
		return 0;
	link_lose(l, 0, more == 0 ? "its agent ended" : err->text);
	gone_err(l, to, err);
	return LINK_GONE;
}

/* Gives the layer up that a flood comes from, which may be any layer below the one it claims. */
static void stop_flood(struct link *l, const json_t *m)
{
	json_int_t from = json_integer_value(json_object_get(m, "from"));
	int loser = from < l->alive ? (int)from : l->alive - 1;

	link_lose(l, loser < 0 ? 0 : loser, "its agent sends without end what nobody asked for");
}

enum link_event link_wait(struct link *l, json_int_t id, int to, uint64_t limit_ns,
			  json_t **message, struct err *err)
{
	uint64_t end = clock_now(l->clock) + limit_ns, unasked = 0;

	*message = NULL;
	for (;;) {
		struct err garbled = {0};
		json_t *m;
		int event;

		size_t before = l->channel.taken;

		while ((m = channel_take(&l->channel, &garbled)) || garbled.text[0]) {
			event = m ? classify(l, m, id, to, err) : -1;
			if (event == LINK_READY || event == LINK_ROW || event == LINK_DONE) {
				*message = m;
				return (enum link_event)event;
			}
			if (event < 0)
				unasked += l->channel.taken - before + MESSAGE_COST;
			before = l->channel.taken;
			if (unasked > LINK_UNASKED_BYTES) {
				stop_flood(l, m);
				unasked = 0;
			}
			json_decref(m);
			if (event >= 0)
				return (enum link_event)event;
		}
		if (!reachable(l, to)) {
			gone_err(l, to, err);
			return LINK_GONE;
		}
		event = wait_bytes(l, to, end, limit_ns, err);
		if (event)
			return (enum link_event)event;
	}
}

int link_call(struct link *l, int to, const char *verb, json_t *body, uint64_t limit_ns,
	      json_t **done, struct err *err)
{
	json_int_t id = link_ask(l, to, verb, body, err);
	enum link_event event;

	*done = NULL;
	if (id < 0)
		return -1;
	event = link_wait(l, id, to, limit_ns, done, err);
	if (event == LINK_DONE)
		return 0;
	json_decref(*done);
	*done = NULL;
	if (event == LINK_READY || event == LINK_ROW)
		err_set(err, EXIT_INTERNAL, "L%d answered \"%s\" with something else", to, verb);
	else
		err_context(err, "L%d", to);
	return -1;
}
