/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include "bench/link/evidence_message.h"
#include "lib/interrupt.h"
#include "results/rundir/layers.h"

/* Asks the parent layer what is left of one that does not answer. */
static bool look_closer(struct session *s, uint32_t layer, struct evidence *found)
{
	struct err ignored;
	json_t *done;

	if (layer == 0 || (int)layer > s->link.alive ||
	    link_call(&s->link, (int)layer - 1, "examine_child", NULL,
		      timeouts_talk_ns(&s->link.timeouts, layer), &done, &ignored) < 0)
		return false;
	evidence_from_json(json_object_get(done, "evidence"), found);
	json_decref(done);
	return true;
}

int session_keep_evidence(struct session *s, uint32_t layer, const char *reason, struct err *err)
{
	struct evidence found = EVIDENCE_NONE;
	struct facts facts = FACTS_INIT;
	char name[EVIDENCE_NAME];
	int done;

	if (s->link.evidence)
		evidence_from_json(s->link.evidence, &found);
	else if (look_closer(s, layer, &found) && found.why[0])
		link_lost_more(&s->link, "; ", found.why);
	/* What is found while the user wants to stop is not waited for. */
	done = interrupt_check(err);
	if (done == 0)
		done = evidence_keep(&found, s->c->dir, s->boot, layer, reason, name, err);
	if (done == 0) {
		facts_set(&facts, LAYERS_EVIDENCE, "%s: %s", name,
			  found.why[0] ? found.why : "it is not known how it ended");
		progress_say(s->p, "L%u: %s", layer, facts_get(&facts, LAYERS_EVIDENCE));
		done = layers_append(s->c->dir, s->c->run, s->boot, layer, &facts, err);
	}
	facts_release(&facts);
	evidence_release(&found);
	return done;
}
