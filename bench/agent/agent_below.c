/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/agent/agent_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/link/evidence_message.h"
#include "lib/json.h"
#include "lib/printable.h"

/* A guest whose agent sends more lines than that which are no messages is given up. */
enum { GARBLED_MAX = 20 };

/* A layer that has ended, or was not started. */
static void free_guest(struct agent_guest *g)
{
	channel_release(&g->channel);
	facts_release(&g->layer.facts);
	evidence_release(&g->layer.evidence);
	free(g->layer.keep);
	assignment_end(&g->assignment);
	json_decref(g->request);
	free(g);
}

static struct agent_guest *guest_of(const struct agent *a, int layer, int sibling, int *which)
{
	for (int i = 0; i < GUESTS_MAX; i++)
		if (a->guest[i] && a->guest[i]->layer.spec.layer == layer &&
		    a->guest[i]->layer.spec.sibling == sibling) {
			*which = i;
			return a->guest[i];
		}
	return NULL;
}

static void stop_guest(struct agent *a, int which)
{
	struct agent_guest *g = a->guest[which];

	if (!g)
		return;
	g->layer.driver->stop(&g->layer);
	free_guest(g);
	a->guest[which] = NULL;
	for (int i = 0; i < LAYERS_MAX; i++)
		if (a->route[i] == which + 1)
			a->route[i] = 0;
}

void agent_guests_stop(struct agent *a)
{
	for (int i = GUESTS_MAX - 1; i >= 0; i--)
		stop_guest(a, i);
}

/* A layer, or of it one sibling. The first is what the layers' messages go through: without it the
 * others are of no use. */
static void stop_layer(struct agent *a, int layer, int sibling)
{
	for (int i = GUESTS_MAX - 1; i >= 0; i--)
		if (a->guest[i] && a->guest[i]->layer.spec.layer == layer &&
		    (sibling == 0 || a->guest[i]->layer.spec.sibling == sibling))
			stop_guest(a, i);
}

bool agent_leads_to(const struct agent *a, json_int_t layer)
{
	return layer >= 0 && layer < LAYERS_MAX && a->route[layer];
}

/* The spec of the layer that is asked for: what the request says, and what this layer has. */
static int read_spec(struct agent *a, struct agent_guest *g, struct device_request *devices,
		     struct err *err)
{
	struct layer_spec *s = &g->layer.spec;

	if (start_message_read(g->request, &g->layer.driver, s, &g->options, devices, err) < 0)
		return -1;
	if (s->depth != a->depth + 1 && !(g->layer.driver->caps & CAP_ATTACHED))
		return err_set(err, EXIT_INTERNAL, "start_child: L%d cannot start L%d", a->depth,
			       s->depth);
	s->work_dir = a->inside.work_dir;
	s->kernel = a->inside.kernel;
	s->initrd = a->inside.initrd;
	s->disk = a->inside.disk;
	s->scratch = g->layer.driver->caps & CAP_SCRATCH ? a->inside.scratch : NULL;
	s->cancel_fd = a->up.fd_in;
	if (g->layer.driver->caps & CAP_OWN_KERNEL && (!s->kernel || !s->initrd || !s->disk))
		return err_set(err, EXIT_MACHINE, "L%d has no guest image to start a layer from",
			       a->depth);
	return driver_check(g->layer.driver, s, err);
}

/* Siblings stand side by side on the CPUs that were planned. */
static void place_guest(const struct agent *a, struct agent_guest *g)
{
	struct layer_spec *c = &g->layer.spec;

	if (!a->place.measured_count)
		return;
	placement_part(&a->place, c->sibling * c->measured_vcpus, c->measured_vcpus, &g->place);
	c->placement = &g->place;
}

/* Tells the agent of a layer that came up who it is. */
static int configure(const struct agent *a, struct agent_guest *g, struct err *err)
{
	struct layer_inside *in = &g->layer.inside;
	const struct driver *d = g->layer.driver;

	/* A machine that exists is not the run's, wherever it is reached from. */
	in->own_kernel =
		d->caps & CAP_OWN_KERNEL || (a->inside.own_kernel && !(d->caps & CAP_EXISTS));
	return channel_send(&g->channel,
			    configure_message(g->layer.spec.layer, g->layer.spec.depth, in), err);
}

static int start_guest(const struct agent *a, struct agent_guest *g,
		       const struct device_request *devices, struct err *err)
{
	struct layer_spec *c = &g->layer.spec;

	c->waits_for(c->waits_ctx, "what the layer is assigned");
	if (assignment_make(&g->assignment, devices, c, a->inside.own_kernel, err) < 0 ||
	    g->layer.driver->start(&g->layer, err) < 0)
		return -1;
	channel_open(&g->channel, g->layer.fd, g->layer.fd);
	assignment_tell(&g->assignment, &g->layer.facts);
	if (configure(a, g, err) == 0)
		return 0;
	/* It ended behind its first word. */
	g->layer.lost = true;
	g->layer.driver->stop(&g->layer);
	return -1;
}

/* A place for a guest; GUESTS_MAX: there is none. */
static int free_place(const struct agent *a)
{
	int which = 0;

	while (which < GUESTS_MAX && a->guest[which])
		which++;
	return which;
}

static struct agent_guest *new_guest(json_t *request, struct err *err)
{
	struct agent_guest *g = calloc(1, sizeof(*g));

	if (!g) {
		err_set(err, EXIT_INTERNAL, "out of memory");
		return NULL;
	}
	g->request = json_incref(request);
	g->layer = (struct layer)LAYER_INIT;
	g->channel = (struct channel)CHANNEL_INIT;
	g->assignment = (struct assignment)ASSIGNMENT_NONE;
	return g;
}

/* Where a VM was started and did not come up, the host gets to know what is left of it. */
static void answer_failed_start(struct agent *a, json_int_t id, const struct agent_guest *g,
				const struct err *err)
{
	bool lost = g && g->layer.lost;
	json_t *found = lost ? evidence_to_json(&g->layer.evidence) : NULL;
	json_t *body = json_with(agent_error_body(err), "lost", json_boolean(lost));

	agent_answer(a, id, "error", found ? json_with(body, "evidence", found) : body);
}

static void answer_start(struct agent *a, json_int_t id, struct agent_guest *g)
{
	json_t *body = agent_facts_to_json(&g->layer.facts);

	if (g->layer.keep && layer_keep_fits(g->layer.keep))
		body = json_with(body, "keep", json_string(g->layer.keep));
	agent_answer(a, id, "done", body);
}

void agent_guest_start(struct agent *a, json_int_t id, json_t *request)
{
	struct heartbeat heartbeat = {0};
	struct device_request devices;
	struct err err;
	struct agent_guest *g = new_guest(request, &err);
	int which;

	if (!g || read_spec(a, g, &devices, &err) < 0 ||
	    heartbeat_begin(&heartbeat, a, id, &err) < 0)
		goto failed;
	g->layer.spec.waits_for = heartbeat_tell;
	g->layer.spec.waits_ctx = &heartbeat;
	heartbeat_tell(&heartbeat, "the end of the layer before");
	stop_layer(a, g->layer.spec.layer, g->layer.spec.sibling);
	which = free_place(a);
	if (which == GUESTS_MAX) {
		err_set(&err, EXIT_MACHINE, "at most %d layers can be started in one", GUESTS_MAX);
		goto failed;
	}
	place_guest(a, g);
	if (start_guest(a, g, &devices, &err) < 0)
		goto failed;
	heartbeat_end(&heartbeat);
	g->layer.spec.waits_for = NULL;
	a->guest[which] = g;
	if (g->layer.spec.sibling == 0)
		a->route[g->layer.spec.layer] = which + 1;
	answer_start(a, id, g);
	return;
failed:
	heartbeat_end(&heartbeat);
	answer_failed_start(a, id, g, &err);
	if (g)
		free_guest(g);
}

static void examine(struct agent_guest *g)
{
	if (g->layer.driver->examine)
		g->layer.driver->examine(&g->layer);
}

void agent_guest_examine(struct agent *a, json_int_t id, json_t *request)
{
	int layer = (int)json_integer_value(json_object_get(request, "layer")), which;
	struct agent_guest *g = guest_of(a, layer, 0, &which);
	struct heartbeat heartbeat = {0};
	struct err err;
	json_t *found;

	if (!g) {
		err_set(&err, EXIT_INTERNAL, "L%d has no layer %d to look at", a->depth, layer);
		agent_answer_error(a, id, &err);
		return;
	}
	if (heartbeat_begin(&heartbeat, a, id, &err) < 0) {
		agent_answer_error(a, id, &err);
		return;
	}
	heartbeat_tell(&heartbeat, "a look at the layer that does not answer");
	examine(g);
	heartbeat_end(&heartbeat);
	found = evidence_to_json(&g->layer.evidence);
	agent_answer(a, id, "done", json_pack("{s:o*}", "evidence", found));
}

static void guest_gone(struct agent *a, int which, const char *why)
{
	struct agent_guest *g = a->guest[which];
	int layer = g->layer.spec.layer, sibling = g->layer.spec.sibling;
	struct heartbeat heartbeat = {0};
	char text[EVIDENCE_WHY + 160];
	struct err err;
	json_t *m;

	/* What hangs takes its time to end. */
	if (heartbeat_begin(&heartbeat, a, 0, &err) < 0)
		fprintf(stderr, "nestbench agent: %s\n", err.text);
	examine(g);
	snprintf(text, sizeof(text), "%s%s%s", why, g->layer.evidence.why[0] ? ": " : "",
		 g->layer.evidence.why);
	printable(text);
	m = json_pack("{s:i, s:I, s:i, s:s, s:s%, s:o*}", "id", 0, "from", (json_int_t)layer,
		      "guest", sibling, "is", "gone", "text", text, strlen(text), "evidence",
		      evidence_to_json(&g->layer.evidence));
	stop_layer(a, layer, sibling);
	heartbeat_end(&heartbeat);
	agent_send_up(a, m);
}

/* Without its network a layer is worth measuring all the same. */
static void call_guest(struct agent_guest *g)
{
	struct err err;

	if (assignment_call(&g->assignment, &g->layer.facts, &err) < 0)
		fprintf(stderr, "nestbench agent: %s\n", err.text);
}

/*
 * What becomes of a message from a child layer; nothing but its frame is looked at, or believed,
 * here, and that it listens, which gains it nothing but the calls that are its due.
 */
enum { DROPPED = 0, PASSED_ON, IS_GARBLED };

static int pass_up(struct agent *a, int guest, json_t *m, struct err *err)
{
	const struct layer_spec *spec = &a->guest[guest]->layer.spec;
	json_int_t from = json_integer_value(json_object_get(m, "from"));
	const char *is = json_string_value(json_object_get(m, "is"));
	bool its_own = from == (json_int_t)spec->layer;
	bool listens = its_own && is && strcmp(is, "listening") == 0;

	if (listens)
		call_guest(a->guest[guest]);
	if (listens || !(its_own || (agent_leads_to(a, from) && a->route[from] == guest + 1))) {
		json_decref(m);
		return DROPPED;
	}
	if (its_own)
		json_object_set_new(m, "guest", json_integer(spec->sibling));
	/* Numbers may be longer when they are written again; who sends that is to blame, not we. */
	if (json_dumpb(m, NULL, 0, JSON_COMPACT) > MESSAGE_LIMIT) {
		json_decref(m);
		err_set(err, EXIT_INTERNAL, "a message that grows beyond %d bytes", MESSAGE_LIMIT);
		return IS_GARBLED;
	}
	agent_send_up(a, m);
	return PASSED_ON;
}

void agent_from_below(struct agent *a, int guest)
{
	struct err reading = {0}, err = {0};
	int more = channel_fill(&a->guest[guest]->channel, &reading);
	json_t *m;

	while (a->guest[guest] &&
	       ((m = channel_take(&a->guest[guest]->channel, &err)) || err.text[0])) {
		if ((m ? pass_up(a, guest, m, &err) : IS_GARBLED) != IS_GARBLED)
			continue;
		fprintf(stderr, "nestbench agent: from the child layer: %s\n", err.text);
		if (++a->guest[guest]->garbled > GARBLED_MAX) {
			guest_gone(a, guest, "its agent sends malformed messages");
			return;
		}
	}
	if (more <= 0 && a->guest[guest])
		guest_gone(a, guest,
			   more == 0 ? "its agent hung up (the layer went down)" : reading.text);
}

/* Siblings are told which they are, so that each takes its part of what they share. */
static json_t *for_guest(json_t *request, int guest)
{
	json_t *copy = json_copy(request);

	if (copy && json_object_set_new(copy, "guest", json_integer(guest)) < 0) {
		json_decref(copy);
		copy = NULL;
	}
	return copy;
}

/* A layer that is started in a child layer is reached through it. */
static void learn_route(struct agent *a, const json_t *request, int by)
{
	const char *verb = json_string_value(json_object_get(request, "do"));
	json_int_t layer = json_integer_value(json_object_get(request, "layer"));

	if (verb && strcmp(verb, "start_child") == 0 && layer > 0 && layer < LAYERS_MAX)
		a->route[layer] = by;
}

static void no_sibling(struct agent *a, json_int_t id, json_int_t to, int sibling)
{
	struct err err;

	err_set(&err, EXIT_INTERNAL, "there is no layer %" JSON_INTEGER_FORMAT ", guest %d", to,
		sibling + 1);
	agent_answer(a, id, "error",
		     json_pack("{s:s, s:i, s:i}", "text", err.text, "code", (int)err.code, "guest",
			       sibling));
}

void agent_pass_down(struct agent *a, json_int_t id, json_t *request)
{
	json_int_t to = json_integer_value(json_object_get(request, "to"));
	json_int_t guests = json_integer_value(json_object_get(request, "guests"));
	int first = a->route[to] - 1;
	struct err err;

	learn_route(a, request, first + 1);
	if (to != (json_int_t)a->guest[first]->layer.spec.layer || guests < 1)
		guests = 1;
	for (int i = 0; i < guests; i++) {
		int which = first;

		if (i && !guest_of(a, (int)to, i, &which)) {
			no_sibling(a, id, to, i);
			return;
		}
		if (channel_send(&a->guest[which]->channel, for_guest(request, i), &err) < 0) {
			guest_gone(a, which, err.text);
			return;
		}
	}
}
