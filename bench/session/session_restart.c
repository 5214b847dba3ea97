/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/interrupt.h"
#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/layers.h"

static bool is_lost(const struct session *s)
{
	return s->link.up[0] && !s->given_up &&
	       (link_alive(&s->link) < s->up || s->link.guests < s->up_guests);
}

bool session_can_restart(const struct session *s)
{
	return is_lost(s) && s->restarts < s->c->restarts && !s->remeasures;
}

uint32_t session_first_lost(const struct session *s)
{
	for (uint32_t layer = 0; layer < session_layers(s); layer++)
		if (s->began[layer] && !s->link.up[layer])
			return layer;
	return session_sibling_layer(s);
}

static const char *how_lost(const struct session *s)
{
	return link_alive(&s->link) < s->up ? link_gone(&s->link) : s->link.guest_gone;
}

/* Whether a layer is to be started again: of siblings all are. */
static bool to_start(const struct session *s, uint32_t layer)
{
	if (s->began[layer] && !s->link.up[layer])
		return true;
	return layer == session_sibling_layer(s) && s->link.guests < s->up_guests;
}

/* The boot gets the next number. What it says of the layers that stay is what was known of them. */
static int begin_boot(struct session *s, uint32_t lost, uint32_t round, struct err *err)
{
	struct facts facts = FACTS_INIT;
	int done;

	s->boot++;
	s->extra[s->side]++;
	s->restarted = true;
	s->first_round = s->from_round = round;
	s->last_round = 0;
	s->disturbed.count = s->disturbed.next = 0;
	facts_set(&facts, LAYERS_RESTARTED, "%s%s (%s)", session_name(s, lost),
		  layer_tree_is_leaf(&s->link.tree, lost) ? "" : " and those in it", how_lost(s));
	facts_set(&facts, LAYERS_FROM_ROUND, "%" PRIu32, round);
	done = session_put_facts(s, 0, &facts, err);
	for (uint32_t layer = 0; layer < session_layers(s) && done == 0; layer++)
		if (!to_start(s, layer))
			done = layers_append(s->c->dir, s->c->run, s->boot, layer, &s->known[layer],
					     err);
	return done;
}

/* One attempt. 0 with *again when a layer that was started is lost already. */
static int start_lost(struct session *s, bool *again, struct err *err)
{
	*again = false;
	for (uint32_t layer = 0; layer < session_layers(s); layer++) {
		uint32_t losses = s->link.losses;
		struct err trouble;
		int up;

		if (!to_start(s, layer))
			continue;
		up = session_bring_up(s, layer, &trouble, err);
		if (up < 0 || (up == IS_UP && session_put_boot_row(s, layer, err) < 0))
			return -1;
		if (up == IS_UP)
			continue;
		*again = s->link.losses != losses || s->link.start_lost;
		err_context(&trouble, "%s could not be started again", session_name(s, layer));
		progress_say(s->p, "%s", trouble.text);
		if (*again &&
		    session_keep_evidence(s, session_first_lost(s), trouble.text, err) < 0)
			return -1;
		/* Another try would not help: jobs say why. */
		s->given_up = !*again;
		for (uint32_t i = layer; i < session_layers(s); i++)
			if (layer_tree_is_in(&s->link.tree, i, layer))
				str_copy(s->link.why[i], sizeof(s->link.why[i]), trouble.text);
		s->link.lost = (int)layer;
		return 0;
	}
	return session_siblings_up(s, err);
}

/* What was seen of the layers that were started again holds no more. */
static int watch_again(struct session *s, struct err *err)
{
	memset(s->clock, 0, sizeof(s->clock));
	s->told_alive = link_alive(&s->link);
	return session_watch(s, 1, err) < 0 ? -1 : session_disturbance_begin(s, err);
}

int session_restart(struct session *s, uint32_t round, struct err *err)
{
	uint64_t begin = clock_now(s->c->clock);
	bool again = true;

	if (session_watch_end(s, err) < 0)
		return -1;
	for (bool first = true; again && s->link.up[0] && s->restarts < s->c->restarts;
	     first = false) {
		uint32_t lost = session_first_lost(s);

		s->restarts++;
		progress_say(s->p,
			     "%s; %s is started again (%u of %u) and round %u measured again, as "
			     "boot %u",
			     how_lost(s), session_name(s, lost), s->restarts, s->c->restarts, round,
			     s->boot + first);
		if (first && (session_keep_evidence(s, lost, how_lost(s), err) < 0 ||
			      begin_boot(s, lost, round, err) < 0))
			return -1;
		if (start_lost(s, &again, err) < 0)
			return -1;
	}
	facts_set(&s->m->more, "restarts", "%u", s->restarts);
	s->stand.boots_ns += clock_now(s->c->clock) - begin;
	return session_check_l0(s, err) < 0 ? -1 : watch_again(s, err);
}

int session_recall_restarts(struct session *s, struct err *err)
{
	struct layers layers = {0};
	struct damage damage = {0};
	int done = s->c->resume_state ? layers_read(s->c->dir, &layers, &damage, err) : 0;
	const char *text;
	uint64_t round;

	s->restarted = false;
	s->first_round = 1;
	while (done == 0 &&
	       (text = layers_get(&layers, s->boot + 1, 0, LAYERS_FROM_ROUND)) != NULL) {
		done = parse_u64(text, LAYERS_FROM_ROUND, 1, UINT32_MAX - 1, &round, err);
		s->boot++;
		s->extra[s->side]++;
		s->restarted = true;
		s->first_round = (uint32_t)round;
	}
	layers_release(&layers);
	return done;
}
