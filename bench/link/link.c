/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link/link.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/str.h"

/* What handling a message costs, in bytes of a long one. */
enum { MESSAGE_COST = 4096 };

void link_open(struct link *l, int fd, const struct clock *clock, int interrupt_fd)
{
	*l = (struct link){
		.clock = clock, .interrupt_fd = interrupt_fd, .guests = 1, .asked = 1, .lost = -1};
	layer_tree_chain(&l->tree, LAYERS_MAX);
	for (uint32_t i = 0; i < LAYERS_MAX; i++)
		l->via[i] = l->tree.layer[i].parent;
	l->timeouts.tree = &l->tree;
	l->up[0] = true;
	channel_open(&l->channel, fd, fd);
}

void link_layers(struct link *l, const struct layer_tree *tree, const uint32_t *via)
{
	bool relay = via[0] == LAYER_RELAY;

	l->tree = *tree;
	memcpy(l->via, via, tree->count * sizeof(*via));
	l->via[LAYER_RELAY] = LAYER_NO_PARENT;
	l->up[0] = !relay;
	l->up[LAYER_RELAY] = relay;
}

void link_up(struct link *l, int layer)
{
	l->up[layer] = true;
	l->why[layer][0] = '\0';
}

int link_alive(const struct link *l)
{
	int alive = 0;

	for (int i = 0; i < LAYERS_MAX; i++)
		alive += l->up[i];
	return alive;
}

const char *link_name(const struct link *l, int layer)
{
	return layer == LAYER_RELAY ? "the agent on this machine" : l->tree.layer[layer].name;
}

const char *link_gone(const struct link *l)
{
	return l->lost < 0 ? "" : l->why[l->lost];
}

/* Whether messages to a layer go through `outer`, or end there. */
static bool is_via(const struct link *l, uint32_t layer, uint32_t outer)
{
	while (layer != outer && layer != LAYER_NO_PARENT)
		layer = l->via[layer];
	return layer == outer;
}

/* The layer at the other end of the channel. */
static int root_of(const struct link *l)
{
	return l->via[0] == LAYER_RELAY ? LAYER_RELAY : 0;
}

static void set_evidence(struct link *l, json_t *evidence)
{
	json_decref(l->evidence);
	l->evidence = json_incref(evidence);
}

void link_release(struct link *l)
{
	set_evidence(l, NULL);
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

void link_lose(struct link *l, int layer, const char *reason)
{
	char clean[200];

	if (!l->up[layer])
		return;
	copy_clean(clean, sizeof(clean), reason);
	for (int i = LAYERS_MAX; i >= 0; i--)
		if (l->up[i] && is_via(l, (uint32_t)i, (uint32_t)layer)) {
			l->up[i] = false;
			snprintf(l->why[i], sizeof(l->why[i]), "%s is gone: %s",
				 link_name(l, layer), clean);
		}
	l->lost = layer;
	l->silent = false;
	l->losses++;
	set_evidence(l, NULL);
}

void link_lost_more(struct link *l, const char *before, const char *more)
{
	for (int i = 0; l->lost >= 0 && i <= LAYERS_MAX; i++)
		if (!l->up[i] && l->why[i][0] && is_via(l, (uint32_t)i, (uint32_t)l->lost))
			str_addf(l->why[i], sizeof(l->why[i]), "%s%s", before, more);
}

void link_lose_guest(struct link *l, int guest, const char *reason)
{
	char clean[200];

	if (guest < 1 || guest > l->guests)
		return;
	copy_clean(clean, sizeof(clean), reason);
	snprintf(l->guest_gone, sizeof(l->guest_gone), "guest %d is gone: %s", guest + 1, clean);
	l->guests = guest;
	l->losses++;
	set_evidence(l, NULL);
}

int link_guest_of(const json_t *message)
{
	return (int)json_integer_value(json_object_get(message, "guest"));
}

static bool reachable(const struct link *l, int to)
{
	return l->up[to] && l->asked <= l->guests;
}

static int gone_err(const struct link *l, int to, struct err *err)
{
	const char *why = l->up[to] ? l->guest_gone : l->why[to];

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
	link_lose(l, root_of(l), err->text);
	return -1;
}

json_int_t link_ask(struct link *l, int to, const char *verb, json_t *body, struct err *err)
{
	json_t *guests = json_object_get(body, "guests");

	l->asked = guests ? (int)json_integer_value(guests) : 1;
	l->verb = verb;
	l->asked_ns = clock_now(l->clock);
	l->doing[0] = '\0';
	l->start_lost = false;
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

static enum link_event agent_error(struct link *l, const json_t *m, int to, struct err *err)
{
	const char *text = json_string_value(json_object_get(m, "text"));
	json_int_t code = json_integer_value(json_object_get(m, "code"));
	int guest = link_guest_of(m);
	char clean[800], who[24] = "";

	copy_clean(clean, sizeof(clean), text && *text ? text : "an error without a text");
	l->failed = guest < l->asked ? guest : 0;
	/* A layer on the way says itself which it is about. */
	if (l->asked > 1 && json_integer_value(json_object_get(m, "from")) == to)
		snprintf(who, sizeof(who), "guest %d: ", l->failed + 1);
	l->start_lost = json_is_true(json_object_get(m, "lost"));
	if (l->start_lost)
		set_evidence(l, json_object_get(m, "evidence"));
	err_set(err,
		code == EXIT_MACHINE || code == EXIT_USAGE ? (enum exit_code)code : EXIT_INTERNAL,
		"%s%s", who, clean);
	return LINK_ERROR;
}

/* The layer that is waited for spoke. `busy` is the pace that it keeps, other signs come as they
 * do.
 */
static void heard(struct link *l, const json_t *m, json_int_t id, int to)
{
	const char *is = json_string_value(json_object_get(m, "is"));
	const char *what = json_string_value(json_object_get(m, "text"));
	uint64_t now = clock_now(l->clock), gap = now - l->heard_ns;

	l->heard_ns = now;
	l->pinged_ns = 0;
	if (!what || strcmp(is, "busy") != 0 || json_integer_value(json_object_get(m, "id")) != id)
		return;
	if (gap > l->timeouts.gap_ns[to])
		l->timeouts.gap_ns[to] = gap;
	copy_clean(l->doing, sizeof(l->doing), what);
}

/* What a message means for request id to layer `to`; -1: nothing, it is dropped. */
static int classify(struct link *l, json_t *m, json_int_t id, int to, struct err *err)
{
	const char *is = json_string_value(json_object_get(m, "is"));
	json_int_t from = json_integer_value(json_object_get(m, "from"));
	int guest = link_guest_of(m);

	if (!is || from < 0 || from > LAYER_RELAY || guest < 0)
		return -1;
	if (from == to)
		heard(l, m, id, to);
	if (strcmp(is, "gone") == 0) {
		const char *text = json_string_value(json_object_get(m, "text"));
		uint32_t before = l->losses;

		text = text ? text : "no reason given";
		if (guest > 0)
			link_lose_guest(l, guest, text);
		else
			link_lose(l, (int)from, text);
		/* Unless it was lost before, of which the evidence is better. */
		if (l->losses != before)
			set_evidence(l, json_object_get(m, "evidence"));
		if (reachable(l, to))
			return -1;
		gone_err(l, to, err);
		return LINK_GONE;
	}
	/* An answer counts only under its own id; errors may also come from a layer on the way. */
	if (json_integer_value(json_object_get(m, "id")) != id)
		return -1;
	if (strcmp(is, "error") == 0 && is_via(l, (uint32_t)to, (uint32_t)from))
		return (int)agent_error(l, m, to, err);
	if (from != to || guest >= l->asked)
		return -1;
	if (strcmp(is, "ready") == 0)
		return LINK_READY;
	if (strcmp(is, "row") == 0)
		return LINK_ROW;
	return strcmp(is, "done") == 0 ? LINK_DONE : -1;
}

/* One wait for one request. */
struct wait {
	json_int_t id;
	int to;
	uint64_t end, limit_ns;
	bool alive; /* heartbeats are owed */
};

static enum link_event timed_out(const struct link *l, const struct wait *w, struct err *err)
{
	err_set(err, EXIT_INTERNAL, "%s did not answer \"%s\" within %.0f s%s%s",
		link_name(l, w->to), l->verb ? l->verb : "", (double)w->limit_ns / (double)NS_PER_S,
		l->doing[0] ? "; it was waiting for " : "", l->doing);
	return LINK_TIMEOUT;
}

/*
 * Asks the layers on the way to `to` whether they live; one that does not is lost. DONE: they do,
 * or at least say that they are busy; else GONE or INTERRUPT.
 */
static enum link_event ask_the_way(struct link *l, int to, struct err *err)
{
	enum link_event event = LINK_DONE;
	int asked = l->asked, way[DEPTH_MAX + 3], n = 0;
	const char *verb = l->verb;

	for (uint32_t i = l->via[to]; i != LAYER_NO_PARENT; i = l->via[i])
		way[n++] = (int)i;
	while (n > 0 && event != LINK_GONE && event != LINK_INTERRUPT) {
		int layer = way[--n];
		json_int_t id = link_ask(l, layer, "ping", NULL, err);
		json_t *pong = NULL;

		event = LINK_GONE;
		if (id >= 0)
			event = link_wait_alive(l, id, layer,
						timeouts_talk_ns(&l->timeouts, (uint32_t)layer),
						&pong, err);
		json_decref(pong);
	}
	l->asked = asked;
	l->verb = verb;
	return event == LINK_GONE || event == LINK_INTERRUPT ? event : LINK_DONE;
}

/* Gives up the layer that fell silent, or the one above it that keeps it from being heard. */
static enum link_event lose_silent(struct link *l, const struct wait *w, uint64_t quiet_ns,
				   struct err *err)
{
	double before_s = (double)(l->heard_ns - l->asked_ns) / (double)NS_PER_S;
	enum link_event event;
	char why[200];

	snprintf(why, sizeof(why), "silent for %.0f s, since %.0f s after it was asked to %s%s%s",
		 (double)quiet_ns / (double)NS_PER_S, before_s, l->verb,
		 l->doing[0] ? "; last heard waiting for " : "", l->doing);
	event = ask_the_way(l, w->to, err);
	if (event == LINK_INTERRUPT)
		return LINK_INTERRUPT;
	if (event == LINK_DONE) {
		link_lose(l, w->to, why);
		l->silent = true;
	}
	gone_err(l, w->to, err);
	return LINK_GONE;
}

/* Nothing can be read. 0: wait on; else the event that ends the wait. */
static int check_silence(struct link *l, const struct wait *w, struct err *err)
{
	uint64_t now = clock_now(l->clock), quiet = now - l->heard_ns;
	uint64_t limit = timeouts_silence_ns(&l->timeouts, (uint32_t)w->to);

	if (quiet < limit / 2)
		return 0;
	if (!l->pinged_ns) {
		l->pinged_ns = now;
		return send_request(l, ++l->last_id, w->to, "ping", NULL, err) < 0 ? LINK_GONE : 0;
	}
	if (quiet < limit || now - l->pinged_ns < limit / 2)
		return 0;
	return (int)lose_silent(l, w, quiet, err);
}

/*
 * Behind the end of a wait: who has been asked whether it lives is given the time to answer, but no
 * more than that, whatever else comes meanwhile.
 */
static bool is_over(const struct link *l, const struct wait *w, uint64_t now)
{
	uint64_t from = w->end > l->pinged_ns ? w->end : l->pinged_ns;

	return !l->pinged_ns || now > from + timeouts_silence_ns(&l->timeouts, (uint32_t)w->to);
}

/* Waits for bytes. 0: look at the channel; else the event that ends the wait. */
static int wait_bytes(struct link *l, const struct wait *w, struct err *err)
{
	struct pollfd p[2] = {{.fd = l->channel.fd_in, .events = POLLIN},
			      {.fd = l->interrupt_fd, .events = POLLIN}};
	uint64_t now = clock_now(l->clock), left = w->end > now ? w->end - now : 0;
	int more, left_ms = left ? (int)(left % NS_PER_S / NS_PER_MS) + 1 : 0;

	if (!left && !w->alive)
		return (int)timed_out(l, w, err);
	if (left > NS_PER_S || (!left && l->pinged_ns))
		left_ms = 1000;
	poll(p, 2, left_ms);
	if (p[1].revents) {
		err_set(err, EXIT_INTERRUPTED, "interrupted");
		return LINK_INTERRUPT;
	}
	if (!p[0].revents && w->alive && (more = check_silence(l, w, err)) != 0)
		return more;
	if (!left && is_over(l, w, now))
		return (int)timed_out(l, w, err);
	if (!p[0].revents)
		return 0;
	more = channel_fill(&l->channel, err);
	if (more > 0)
		return 0;
	link_lose(l, root_of(l), more == 0 ? "its agent ended" : err->text);
	gone_err(l, w->to, err);
	return LINK_GONE;
}

/*
 * Gives the layer up that a flood comes from, which may be any deeper layer than the one it claims;
 * the last one where it claims none.
 */
static void stop_flood(struct link *l, const json_t *m)
{
	const json_t *claim = json_object_get(m, "from");
	json_int_t from = json_is_integer(claim) ? json_integer_value(claim) : -1;
	int loser = from >= 0 && from < LAYERS_MAX ? (int)from : LAYERS_MAX - 1;

	while (loser > 0 && !l->up[loser])
		loser--;
	link_lose(l, l->up[loser] ? loser : root_of(l),
		  "its agent floods the link with unrequested messages");
}

static enum link_event wait_for(struct link *l, const struct wait *w, json_t **message,
				struct err *err)
{
	uint64_t unasked = 0;

	*message = NULL;
	for (;;) {
		struct err garbled = {0};
		json_t *m;
		int event;

		size_t before = l->channel.taken;

		while ((m = channel_take(&l->channel, &garbled)) || garbled.text[0]) {
			event = m ? classify(l, m, w->id, w->to, err) : -1;
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
		if (!reachable(l, w->to)) {
			gone_err(l, w->to, err);
			return LINK_GONE;
		}
		event = wait_bytes(l, w, err);
		if (event)
			return (enum link_event)event;
	}
}

static enum link_event wait_begin(struct link *l, struct wait w, json_t **message, struct err *err)
{
	l->heard_ns = clock_now(l->clock);
	l->pinged_ns = 0;
	w.end = l->heard_ns + w.limit_ns;
	return wait_for(l, &w, message, err);
}

enum link_event link_wait(struct link *l, json_int_t id, int to, uint64_t limit_ns,
			  json_t **message, struct err *err)
{
	return wait_begin(l, (struct wait){.id = id, .to = to, .limit_ns = limit_ns}, message, err);
}

enum link_event link_wait_alive(struct link *l, json_int_t id, int to, uint64_t limit_ns,
				json_t **message, struct err *err)
{
	return wait_begin(
		l, (struct wait){.id = id, .to = to, .limit_ns = limit_ns, .alive = l->asked == 1},
		message, err);
}

int link_call(struct link *l, int to, const char *verb, json_t *body, uint64_t limit_ns,
	      json_t **done, struct err *err)
{
	json_int_t id = link_ask(l, to, verb, body, err);
	enum link_event event;

	*done = NULL;
	if (id < 0)
		return -1;
	event = link_wait_alive(l, id, to, limit_ns, done, err);
	if (event == LINK_DONE)
		return 0;
	json_decref(*done);
	*done = NULL;
	if (event == LINK_READY || event == LINK_ROW)
		err_set(err, EXIT_INTERNAL, "%s answered \"%s\" with something else",
			link_name(l, to), verb);
	else if (event != LINK_GONE) /* which says who */
		err_context(err, "%s", link_name(l, to));
	return -1;
}
