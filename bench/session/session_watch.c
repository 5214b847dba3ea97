/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/interrupt.h"
#include "results/rundir/disturbed.h"
#include "results/rundir/layers.h"

static int to_be_remeasured(struct session *s, uint32_t round, struct err *err)
{
	uint32_t *more = array_grow(s->disturbed.round, s->disturbed.count, sizeof(*more));

	if (!more)
		return err_set(err, EXIT_INTERNAL, "out of memory for disturbed rounds");
	s->disturbed.round = more;
	s->disturbed.round[s->disturbed.count++] = round;
	return 0;
}

static bool is_remeasured(const struct session *s, uint32_t round)
{
	uint32_t again = resume_state_remeasure(s->c->resume_state, s->boot, round);

	return again && session_round_is_measured(s, again);
}

int session_disturbance_recall(struct session *s, struct err *err)
{
	uint32_t end = s->from_round ? s->from_round : s->size.rounds + 1;
	struct layers layers = {0};
	struct damage damage = {0};
	char key[DISTURBED_KEY];
	int done;

	s->disturbed.count = s->disturbed.next = s->remeasures = 0;
	if (s->c->noise_limit <= 0 || !resume_state_has_boot(s->c->resume_state, s->boot))
		return 0;
	done = layers_read(s->c->dir, &layers, &damage, err);
	for (uint32_t round = 1; round < end && done == 0; round++)
		if (layers_get(&layers, s->boot, 0, disturbed_key(key, round, DISTURBED_WHY)) &&
		    !is_remeasured(s, round))
			done = to_be_remeasured(s, round, err);
	layers_release(&layers);
	return done;
}

int session_disturbance_begin(struct session *s, struct err *err)
{
	struct err ignored;

	memset(s->noise, 0, sizeof(s->noise));
	/* A layer that does not answer is found out by its first job. */
	for (uint32_t layer = 0; layer < session_layers(s); layer++)
		if (s->link.up[layer])
			(void)disturbance_read(&s->link, (int)layer, &s->noise[layer], &ignored);
	return interrupt_check(err);
}

/* L0's neighbours decide, see disturbance.h. */
static int judge(struct session *s, uint32_t round, const struct disturbance *d,
		 struct facts *facts, struct err *err)
{
	char why[DISTURBANCE_WHY], key[DISTURBED_KEY];

	if (!disturbance_verdict(d, s->c->noise_limit, why))
		return 0;
	facts_set(facts, disturbed_key(key, round, DISTURBED_WHY), "%s", why);
	if (s->remeasures) {
		progress_say(s->p, "round %u, which repeats round %u, was disturbed too: %s", round,
			     s->remeasures, why);
		return 0;
	}
	progress_say(s->p,
		     "round %u was disturbed: %s; it is repeated at the end of this boot, and both "
		     "are kept",
		     round, why);
	return to_be_remeasured(s, round, err);
}

int session_disturbance_note(struct session *s, uint32_t layer, uint32_t round, struct err *err)
{
	struct facts facts = FACTS_INIT;
	struct noise_reading now;
	struct disturbance d;
	struct err ignored;
	char key[DISTURBED_KEY], text[DISTURBANCE_TEXT];
	int done = 0;

	(void)disturbance_read(&s->link, (int)layer, &now, &ignored);
	if (disturbance_between(&s->noise[layer], &now, &d)) {
		disturbance_text(&d, text);
		facts_set(&facts, disturbed_key(key, round, DISTURBED_NOISE), "%s", text);
		if (layer == 0)
			done = judge(s, round, &d, &facts, err);
	}
	s->noise[layer] = now;
	if (layer == 0 && s->remeasures)
		facts_set(&facts, disturbed_key(key, round, DISTURBED_REPEATS), "%" PRIu32,
			  s->remeasures);
	if (done == 0 && facts.count)
		done = layers_append(s->c->dir, s->c->run, s->boot, layer, &facts, err);
	facts_release(&facts);
	return done;
}

uint32_t session_disturbance_next(const struct session *s)
{
	uint32_t begun;

	if (s->disturbed.next == s->disturbed.count)
		return 0;
	begun = resume_state_remeasure(s->c->resume_state, s->boot,
				       s->disturbed.round[s->disturbed.next]);
	return begun ? begun : s->last_round + 1;
}

bool session_remeasure(struct session *s, uint32_t *round)
{
	const struct session_config *c = s->c;
	size_t left = s->disturbed.count - s->disturbed.next;

	s->remeasures = 0;
	if (left && c->may_remeasure && !c->may_remeasure(c->next_ctx, &s->stand)) {
		progress_say(s->p, "no time is left to repeat %zu disturbed round%s", left,
			     left == 1 ? "" : "s");
		return false;
	}
	if (!left)
		return false;
	if (s->disturbed.next == 0)
		progress_add(s->p, left * session_layers(s) * c->works->repeated);
	*round = session_disturbance_next(s);
	s->remeasures = s->disturbed.round[s->disturbed.next++];
	return true;
}

/* ---- between rounds ---- */

int session_watch(struct session *s, uint32_t next_round, struct err *err)
{
	if (session_check_image(s, err) < 0)
		return -1;
	for (uint32_t layer = 0; layer < session_layers(s); layer++) {
		struct clock_watch *watch = &s->clock[layer];
		struct clock_reading now;

		if (!s->link.up[layer] || clock_read(&s->link, (int)layer, &now, err) < 0) {
			if (interrupt_check(err) < 0)
				return -1;
			continue;
		}
		if (clock_watch_see(watch, &now, next_round))
			progress_say(s->p, "%s: %s: its rows are suspect from here on",
				     session_name(s, layer), watch->why);
		if (next_round > 1 && session_disturbance_note(s, layer, next_round - 1, err) < 0)
			return -1;
	}
	return 0;
}

int session_watch_end(struct session *s, struct err *err)
{
	for (uint32_t layer = 0; layer < session_layers(s); layer++) {
		struct facts facts = FACTS_INIT;

		clock_watch_facts(&s->clock[layer], &facts);
		if (session_put_facts(s, layer, &facts, err) < 0)
			return -1;
	}
	return 0;
}
