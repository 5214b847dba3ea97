/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <stdio.h>
#include <string.h>

#include "results/rundir/layers.h"

/* How long the layer took to come up is a result too. */
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

	if (layer == 0 || s->boot_ns == 0 ||
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
	if (layer < s->once_layers || s->restarted)
		return 0;
	if (session_put_boot_row(s, layer, err) < 0 || run_once_jobs(s, layer, NULL, err) < 0)
		return -1;
	s->once_layers = layer + 1;
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
		progress_say(s->p, "starting L%u", layer);
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

/* A layer is not up. Whether, with may_restart, all are to be started again; -1 ends the run. */
static int give_up_layer(struct session *s, uint32_t layer, bool lost, bool may_restart,
			 struct err *trouble, struct err *err)
{
	uint32_t loser = (uint32_t)s->link.alive < layer ? (uint32_t)s->link.alive : layer;
	bool l0_gone = s->link.alive == 0;

	lost = lost && !s->given_up;
	if (l0_gone && session_l0_again(s, trouble, err) < 0)
		return -1;
	err_context(trouble, "L%u could not be started", layer);
	if (lost && !l0_gone && note_loss(s, loser, trouble->text, err) < 0)
		return -1;
	return lost && !l0_gone && may_restart;
}

int session_layers_up(struct session *s, bool may_restart, uint32_t *unreached, struct err *why,
		      struct err *err)
{
	*unreached = 0;
	s->boot_ns = 0;
	s->start_again = false;
	for (uint32_t layer = 0; layer <= s->c->vm_size.depth; layer++) {
		struct err trouble;
		int up = session_bring_up(s, layer, &trouble, err), again;

		if (up < 0 || (up == IS_UP && measure_alone(s, layer, err) < 0))
			return -1;
		if (up == IS_UP)
			continue;
		again = give_up_layer(s, layer, s->link.losses || s->link.start_lost, may_restart,
				      &trouble, err);
		if (again < 0)
			return -1;
		*unreached = layer;
		*why = trouble;
		if (again)
			return 0;
		s->start_again = false;
		link_lose(&s->link, (int)layer, trouble.text);
		progress_say(s->p, "%s", trouble.text);
		for (uint32_t lost = layer; lost <= s->c->vm_size.depth; lost++)
			if (run_once_jobs(s, lost, trouble.text, err) < 0)
				return -1;
		return 0;
	}
	return s->c->vm_size.depth ? session_siblings_up(s, err) : 0;
}

bool session_lost_any(const struct session *s)
{
	return s->link.losses > 0 && s->link.alive > 0 && !s->given_up;
}

int session_note_early_loss(struct session *s, uint32_t unreached, struct err *err)
{
	uint32_t expected = unreached ? unreached : s->c->vm_size.depth + 1;
	uint32_t reached = (uint32_t)s->link.alive;

	if (!session_lost_any(s))
		return 0;
	if (reached < expected)
		return note_loss(s, reached, s->link.gone, err);
	if (!unreached && s->link.guests < (int)s->c->vm_size.guests)
		return note_loss(s, s->c->vm_size.depth, s->link.guest_gone, err);
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
