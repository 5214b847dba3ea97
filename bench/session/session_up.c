/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "results/rundir/layers.h"

/* How long the layer took to come up is a result too, where something came up. */
int session_put_boot_row(struct session *s, uint32_t layer, struct err *err)
{
	struct row row = {.run = s->c->run,
			  .boot = s->boot,
			  .round = 1,
			  .layer = layer,
			  .workload = SESSION_BOOT_WORKLOAD,
			  .class = "boot",
			  .params = "",
			  .threads = 1,
			  .sample = {.batch = 1,
				     .ops = 1,
				     .elapsed_ns = s->boot_ns,
				     .host_elapsed_ns = s->boot_ns}};

	if (layer == 0 || s->boot_ns == 0 || s->c->stack->driver[layer]->caps & CAP_EXISTS ||
	    resume_state_has_start(s->c->resume_state, s->boot, layer))
		return 0;
	return rows_writer_put(s->rows, &row, err);
}

/* What is measured once a boot, in a layer that has just come up or (skipped) never will. */
static int run_once_jobs(struct session *s, uint32_t layer, const char *skip_reason,
			 struct err *err)
{
	for (uint32_t i = s->c->works->repeated; i < s->c->works->count; i++) {
		const struct job job = {.boot = s->boot, .round = 1, .layer = layer, .workload = i};

		if (session_is_measured(s, &job))
			continue;
		if ((skip_reason ? session_skip_job(s, &job, skip_reason, err)
				 : session_run_job(s, &job, err)) < 0)
			return -1;
	}
	return 0;
}

/* A layer is up: what there is to be said and measured of it alone, once a boot. */
static int measure_alone(struct session *s, uint32_t layer, struct err *err)
{
	if (s->once[layer] || s->restarted)
		return 0;
	if (session_put_boot_row(s, layer, err) < 0 || run_once_jobs(s, layer, NULL, err) < 0)
		return -1;
	s->once[layer] = true;
	return 0;
}

/* What starts a layer must be what started it before the interruption. */
static int check_starter(const struct session *s, uint32_t layer, const struct facts *facts,
			 struct err *err)
{
	struct layers layers = {0};
	struct damage damage = {0};
	int done = s->c->resume_state ? layers_read(s->c->dir, &layers, &damage, err) : 0;

	for (size_t i = 0; i < layers.count && done == 0; i++) {
		const struct layer_facts *then = &layers.item[i];
		const char *before = facts_get(&then->facts, "starter");
		const char *now = facts_get(facts, "starter");

		/* Of a layer that does not come up nothing is known. */
		if (then->layer == layer && before && now)
			done = resume_state_same("what starts it", before, now, err);
	}
	layers_release(&layers);
	return done;
}

int session_bring_up(struct session *s, uint32_t layer, struct err *trouble, struct err *err)
{
	struct facts facts = FACTS_INIT;
	int up, written = 0;

	if (layer)
		progress_phase(s->p, "starting %s", session_name(s, layer));
	up = session_start_layer(s, layer, &facts, trouble);
	if (check_starter(s, layer, &facts, err) < 0) {
		facts_release(&facts);
		return -1;
	}
	if (facts.count && resume_state_has_boot(s->c->resume_state, s->boot))
		facts_set(&facts, RESUME_STATE_FACT, "round %u", s->from_round);
	if (layer == 0 && facts_get(&facts, "hypervisor"))
		s->m->host_is_vm = strcmp(facts_get(&facts, "hypervisor"), "none") != 0;
	if (facts.count)
		written = layers_append(s->c->dir, s->c->run, s->boot, layer, &facts, err);
	facts_release(&s->known[layer]);
	s->known[layer] = facts;
	if (written < 0)
		return -1;
	if (up == 0)
		return IS_UP;
	if (layer && trouble->code != EXIT_INTERRUPTED)
		return IS_NOT_UP;
	*err = *trouble;
	return -1;
}

/* A layer went away, or its VM was started and did not come up: what is known of that is kept. */
static int note_loss(struct session *s, uint32_t layer, const char *why, struct err *err)
{
	s->start_again = true;
	snprintf(s->lost, sizeof(s->lost), "%s", why);
	return session_keep_evidence(s, layer, why, err);
}

/* The outermost layer on the way to this one that is down, which may be itself. */
static uint32_t outermost_down(const struct session *s, uint32_t layer)
{
	uint32_t down = layer;

	for (uint32_t at = layer; at != LAYER_NO_PARENT && at != LAYER_RELAY; at = s->link.via[at])
		if (!s->link.up[at])
			down = at;
	return down;
}

/* A layer is not up. Whether, with may_restart, all are to be started again; -1 ends the run. */
static int give_up_layer(struct session *s, uint32_t layer, bool lost, bool may_restart,
			 struct err *trouble, struct err *err)
{
	uint32_t loser = outermost_down(s, layer);
	bool l0_gone = !s->link.up[0];

	lost = lost && !s->given_up;
	if (l0_gone && session_l0_again(s, trouble, err) < 0)
		return -1;
	err_context(trouble, "%s could not be started", session_name(s, layer));
	if (lost && !l0_gone && note_loss(s, loser, trouble->text, err) < 0)
		return -1;
	return lost && !l0_gone && may_restart;
}

/* A layer is not up in this boot, and those in it are not: their jobs say why. */
static int go_without(struct session *s, uint32_t layer, const char *why, struct err *err)
{
	link_lose(&s->link, (int)layer, why);
	progress_say(s->p, "%s", why);
	for (uint32_t i = layer; i < session_layers(s); i++)
		if (layer_tree_is_in(&s->link.tree, i, layer)) {
			str_copy(s->unreached[i], sizeof(s->unreached[i]), why);
			if (run_once_jobs(s, i, why, err) < 0)
				return -1;
		}
	return 0;
}

/* Starts one. 1: all are to be started again; 2: L0's agent had to be, and no other will be. */
enum { START_AGAIN = 1, L0_ALONE };

static int start_one(struct session *s, uint32_t layer, bool may_restart, uint32_t *unreached,
		     struct err *why, struct err *err)
{
	uint32_t losses = s->link.losses;
	struct err trouble;
	int up = session_bring_up(s, layer, &trouble, err), again;
	bool l0_gone;

	if (up < 0 || (up == IS_UP && measure_alone(s, layer, err) < 0))
		return -1;
	if (up == IS_UP)
		return 0;
	l0_gone = !s->link.up[0];
	again = give_up_layer(s, layer,
			      s->link.losses != losses || s->link.start_lost ||
				      outermost_down(s, layer) != layer,
			      may_restart, &trouble, err);
	if (again < 0)
		return -1;
	if (!*unreached) {
		*unreached = layer;
		*why = trouble;
	}
	if (again)
		return START_AGAIN;
	s->start_again = false;
	if (go_without(s, layer, trouble.text, err) < 0)
		return -1;
	return l0_gone ? L0_ALONE : 0;
}

/* L0's agent is new, and knows nothing of layers that it had started. */
static int l0_alone(struct session *s, const char *why, struct err *err)
{
	for (uint32_t layer = 1; layer < session_layers(s); layer++)
		if (!s->unreached[layer][0] && go_without(s, layer, why, err) < 0)
			return -1;
	return 0;
}

int session_layers_up(struct session *s, bool may_restart, uint32_t *unreached, struct err *why,
		      struct err *err)
{
	*unreached = 0;
	s->boot_ns = 0;
	s->start_again = false;
	memset(s->unreached, 0, sizeof(s->unreached));
	for (uint32_t layer = 0; layer < session_layers(s); layer++) {
		int done = 0;

		if (!s->unreached[layer][0])
			done = start_one(s, layer, may_restart, unreached, why, err);
		if (done == L0_ALONE)
			return l0_alone(s, why->text, err);
		if (done)
			return done < 0 ? -1 : 0;
	}
	return session_layers(s) > 1 ? session_siblings_up(s, err) : 0;
}

bool session_lost_any(const struct session *s)
{
	return s->link.losses > 0 && s->link.up[0] && !s->given_up;
}

void session_note_began(struct session *s)
{
	s->up = link_alive(&s->link);
	s->up_guests = s->link.guests;
	memcpy(s->began, s->link.up, sizeof(s->began));
}

int session_note_early_loss(struct session *s, struct err *err)
{
	if (!session_lost_any(s))
		return 0;
	for (uint32_t layer = 1; layer < session_layers(s); layer++)
		if (!s->link.up[layer] && !s->unreached[layer][0])
			return note_loss(s, layer, s->link.why[layer], err);
	if (!s->unreached[session_sibling_layer(s)][0] &&
	    s->link.guests < (int)s->c->vm_size.guests)
		return note_loss(s, session_sibling_layer(s), s->link.guest_gone, err);
	return 0;
}

int session_start_again(struct session *s, uint32_t attempt, struct err *err)
{
	struct facts facts = FACTS_INIT;
	char key[32] = LAYERS_STARTED_AGAIN;
	int written;

	progress_say(s->p, "%s; no round is measured yet: all layers are started again (%u of %u)",
		     s->lost, attempt, s->c->restarts);
	if (attempt > 1)
		snprintf(key, sizeof(key), LAYERS_STARTED_AGAIN ".%u", attempt);
	facts_set(&facts, key, "%s", s->lost);
	written = session_put_facts(s, 0, &facts, err);
	session_layers_down(s);
	s->start_again = false;
	return written;
}
