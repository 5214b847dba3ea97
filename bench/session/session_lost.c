/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include <string.h>

#include "bench/link/evidence_message.h"
#include "lib/interrupt.h"
#include "results/rundir/layers.h"

/* Asks the parent layer what is left of one that does not answer. */
static bool look_closer(struct session *s, uint32_t layer, struct evidence *found)
{
	struct err ignored;
	json_t *done;

	uint32_t via = s->link.via[layer];

	if (via == LAYER_NO_PARENT || !s->link.up[via] ||
	    link_call(&s->link, (int)via, "examine_child", json_pack("{s:i}", "layer", (int)layer),
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
		progress_say(s->p, "%s: %s", session_name(s, layer),
			     facts_get(&facts, LAYERS_EVIDENCE));
		done = layers_append(s->c->dir, s->c->run, s->boot, layer, &facts, err);
	}
	facts_release(&facts);
	evidence_release(&found);
	return done;
}

/* The last line that L0's agent printed, which tells more than that it is gone; "" where there are
 * none. */
static void last_line(const struct session *s, char line[160])
{
	struct buf log = BUF_INIT;
	struct err ignored;
	char path[RUNDIR_PATH];
	size_t end, from;

	line[0] = '\0';
	if (rundir_path(s->c->work_dir, "agent.log", path, &ignored) < 0 ||
	    file_read(path, 1 << 20, &log, &ignored) < 0)
		goto out;
	for (end = log.len; end && log.data[end - 1] == '\n';)
		end--;
	for (from = end; from && log.data[from - 1] != '\n' && end - from < 159;)
		from--;
	for (size_t i = from; i < end; i++)
		line[i - from] = log.data[i] >= ' ' && log.data[i] <= '~' ? log.data[i] : '?';
	line[end - from] = '\0';
out:
	buf_release(&log);
}

/* That L0's agent ended, with its last line. */
static void how_l0_ended(const struct session *s, struct buf *text)
{
	char line[160];

	last_line(s, line);
	buf_addstr(text, s->link.why[0]);
	if (line[0])
		buf_addf(text, " (%s)", line);
}

int session_l0_again(struct session *s, struct err *trouble, struct err *err)
{
	struct facts known = FACTS_INIT;
	struct buf ended = BUF_INIT;
	int up;

	how_l0_ended(s, &ended);
	err_set(trouble, EXIT_MACHINE, "%s", buf_str(&ended));
	buf_release(&ended);
	progress_say(s->p, "%s; it is started again, without child layers", trouble->text);
	session_layers_down(s);
	up = session_start_layer(s, 0, &known, err);
	facts_release(&known);
	return up;
}

int session_check_l0(struct session *s, struct err *err)
{
	struct buf ended = BUF_INIT;

	if (s->link.up[0])
		return 0;
	how_l0_ended(s, &ended);
	facts_set(&s->m->more, "stopped", "%s", buf_str(&ended));
	err_set(err, EXIT_INTERNAL,
		"%s; the rows so far are kept, and `nestbench resume` completes the run",
		buf_str(&ended));
	buf_release(&ended);
	return -1;
}

/* Gives up the outermost of the layers that have the image. */
static void give_up_image(struct session *s, const char *why)
{
	for (uint32_t layer = 1; layer < session_layers(s); layer++)
		if (s->c->stack->driver[layer]->caps & CAP_OWN_KERNEL)
			link_lose(&s->link, (int)layer, why);
}

int session_check_image(struct session *s, struct err *err)
{
	struct err changed;

	if (link_alive(&s->link) <= 1 || image_watch_unwritten(s->image, &changed) == 0)
		return 0;
	give_up_image(s, changed.text);
	s->given_up = true;
	return session_tell_lost(s, err);
}

int session_tell_lost(struct session *s, struct err *err)
{
	int alive = link_alive(&s->link);
	bool lost = s->link.up[0] && alive < s->told_alive;

	s->told_alive = alive;
	if (!lost)
		return 0;
	progress_say(s->p, "%s; the other layers continue", link_gone(&s->link));
	return s->given_up
		       ? 0
		       : session_keep_evidence(s, (uint32_t)s->link.lost, link_gone(&s->link), err);
}

/* The first layer that cannot be reached; session_layers(): all can. */
static uint32_t first_down(const struct session *s)
{
	uint32_t layer = 0;

	while (layer < session_layers(s) && s->link.up[layer])
		layer++;
	return layer;
}

void session_note_lost(const struct session *s, uint32_t *unreached, struct err *why)
{
	uint32_t down = first_down(s);

	/* What is lost behind its last row has all of them. */
	if (s->rounds_whole)
		return;
	if (down < (*unreached ? *unreached : session_layers(s))) {
		*unreached = down;
		err_set(why, EXIT_MACHINE, "boot %u: %s", s->boot, s->link.why[down]);
	} else if (!*unreached && s->link.guests < (int)s->c->vm_size.guests) {
		*unreached = session_sibling_layer(s);
		err_set(why, EXIT_MACHINE, "boot %u: %s", s->boot, s->link.guest_gone);
	}
}

void session_tell_hung(struct session *s)
{
	for (uint32_t i = 0; i < s->c->works->repeated; i++)
		for (uint32_t layer = 0; layer < session_layers(s); layer++)
			if (s->calibration[i].hung[layer][0])
				progress_say(s->p, "%s in %s: %s; it is tried again once a boot",
					     s->c->works->item[i].workload->name,
					     session_name(s, layer), s->calibration[i].hung[layer]);
}

/* "L0 to L1" in a chain, else the names of all that are up. */
static void name_others(const struct session *s, struct buf *names)
{
	uint32_t alive = (uint32_t)link_alive(&s->link);

	if (layer_tree_is_chain(&s->link.tree)) {
		buf_addf(names, "L0 to L%u", alive - 1);
		return;
	}
	for (uint32_t layer = 0; layer < session_layers(s); layer++)
		if (s->link.up[layer])
			buf_addf(names, "%s%s", layer ? ", " : "", session_name(s, layer));
}

int session_fewer_calibrated(struct session *s, struct err *err)
{
	struct facts facts = FACTS_INIT;
	struct buf others = BUF_INIT;
	int done;

	name_others(s, &others);
	progress_say(s->p, "%s; the others continue, with counts for %s", link_gone(&s->link),
		     buf_str(&others));
	buf_release(&others);
	s->told_alive = link_alive(&s->link);
	facts_set(&facts, LAYERS_CALIBRATED_WITHOUT, "%s", link_gone(&s->link));
	done = session_put_facts(s, 0, &facts, err);
	if (done == 0 && !s->given_up)
		done = session_keep_evidence(s, (uint32_t)s->link.lost, link_gone(&s->link), err);
	return done;
}
