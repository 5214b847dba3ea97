/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/link/link_parts.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"

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

int link_root(const struct link *l)
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
	json_decref(l->kept);
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

bool link_reachable(const struct link *l, int to)
{
	return l->up[to] && l->asked <= l->guests;
}

int link_gone_err(const struct link *l, int to, struct err *err)
{
	const char *why = l->up[to] ? l->guest_gone : l->why[to];

	return err_set(err, EXIT_INTERNAL, "%s", why[0] ? why : "the layer was not started");
}

int link_send(struct link *l, json_int_t id, int to, const char *verb, json_t *body,
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
	link_lose(l, link_root(l), err->text);
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
	if (!link_reachable(l, to)) {
		json_decref(body);
		return link_gone_err(l, to, err);
	}
	return link_send(l, ++l->last_id, to, verb, body, err) < 0 ? -1 : l->last_id;
}

int link_tell(struct link *l, json_int_t id, int to, const char *verb, struct err *err)
{
	if (!link_reachable(l, to))
		return link_gone_err(l, to, err);
	return link_send(l, id, to, verb, NULL, err);
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

int link_classify(struct link *l, json_t *m, json_int_t id, int to, struct err *err)
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
		if (link_reachable(l, to))
			return -1;
		link_gone_err(l, to, err);
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
