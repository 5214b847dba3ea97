/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "bench/link/link_parts.h"

/* What handling a message costs, in bytes of a long one. */
enum { MESSAGE_COST = 4096 };

/* Of what is kept aside: all that the copies of a run can say between two batches, and more. */
enum { KEPT_MAX = 4096 };

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
	link_gone_err(l, w->to, err);
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
		return link_send(l, ++l->last_id, w->to, "ping", NULL, err) < 0 ? LINK_GONE : 0;
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
	if (l->waiting)
		l->waiting(l->waiting_ctx);
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
	link_lose(l, link_root(l), more == 0 ? "its agent ended" : err->text);
	link_gone_err(l, w->to, err);
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
	link_lose(l, l->up[loser] ? loser : link_root(l),
		  "its agent floods the link with unrequested messages");
}

/* The next message, which the caller releases: first what was kept meanwhile. NULL: none, or with a
 * text in garbled one that is none. */
static json_t *next_message(struct link *l, struct err *garbled)
{
	json_t *m;

	if (l->aside || json_array_size(l->kept) == 0)
		return channel_take(&l->channel, garbled);
	m = json_incref(json_array_get(l->kept, 0));
	json_array_remove(l->kept, 0);
	return m;
}

/* Keeps what answers the request that goes on meanwhile; NULL is fine. */
static void keep_aside(struct link *l, json_t *m)
{
	if (!l->aside || json_integer_value(json_object_get(m, "id")) != l->aside ||
	    json_array_size(l->kept) >= KEPT_MAX)
		return;
	if (!l->kept)
		l->kept = json_array();
	json_array_append(l->kept, m);
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

		while ((m = next_message(l, &garbled)) || garbled.text[0]) {
			event = m ? link_classify(l, m, w->id, w->to, err) : -1;
			if (event == LINK_READY || event == LINK_ROW || event == LINK_DONE) {
				*message = m;
				return (enum link_event)event;
			}
			if (event < 0) {
				keep_aside(l, m);
				unasked += l->channel.taken - before + MESSAGE_COST;
			}
			before = l->channel.taken;
			if (unasked > LINK_UNASKED_BYTES) {
				stop_flood(l, m);
				unasked = 0;
			}
			json_decref(m);
			if (event >= 0)
				return (enum link_event)event;
		}
		if (!link_reachable(l, w->to)) {
			link_gone_err(l, w->to, err);
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

int link_call_aside(struct link *l, json_int_t under_way, int to, const char *verb, json_t *body,
		    uint64_t limit_ns, json_t **done, struct err *err)
{
	const char *verb_before = l->verb;
	int asked = l->asked, rc;

	l->aside = under_way;
	rc = link_call(l, to, verb, body, limit_ns, done, err);
	l->aside = 0;
	l->asked = asked;
	l->verb = verb_before;
	return rc;
}
