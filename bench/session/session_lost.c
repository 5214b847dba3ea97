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
	buf_addstr(text, s->link.gone);
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

	if (s->link.alive > 0)
		return 0;
	how_l0_ended(s, &ended);
	facts_set(&s->m->more, "stopped", "%s", buf_str(&ended));
	err_set(err, EXIT_INTERNAL,
		"%s; the rows so far are kept, and `nestbench resume` completes the run",
		buf_str(&ended));
	buf_release(&ended);
	return -1;
}

int session_check_image(struct session *s, struct err *err)
{
	struct err changed;

	if (s->link.alive <= 1 || image_watch_unwritten(s->image, &changed) == 0)
		return 0;
	link_lose(&s->link, 1, changed.text);
	s->given_up = true;
	return session_tell_lost(s, err);
}

int session_tell_lost(struct session *s, struct err *err)
{
	bool lost = s->link.alive > 0 && s->link.alive < s->told_alive;

	s->told_alive = s->link.alive;
	if (!lost)
		return 0;
	progress_say(s->p, "%s; the other layers continue", s->link.gone);
	return s->given_up ? 0
			   : session_keep_evidence(s, (uint32_t)s->link.alive, s->link.gone, err);
}

void session_note_lost(const struct session *s, uint32_t *unreached, struct err *why)
{
	uint32_t depth = s->c->vm_size.depth, reached = (uint32_t)s->link.alive;

	/* What is lost behind its last row has all of them. */
	if (s->rounds_whole)
		return;
	if (reached < (*unreached ? *unreached : depth + 1)) {
		*unreached = reached;
		err_set(why, EXIT_MACHINE, "boot %u: %s", s->boot, s->link.gone);
	} else if (!*unreached && s->link.guests < (int)s->c->vm_size.guests) {
		*unreached = depth;
		err_set(why, EXIT_MACHINE, "boot %u: %s", s->boot, s->link.guest_gone);
	}
}

void session_tell_hung(struct session *s, uint32_t layers)
{
	for (uint32_t i = 0; i < s->c->works->repeated; i++)
		for (uint32_t layer = 0; layer < layers; layer++)
			if (s->calibration[i].hung[layer][0])
				progress_say(s->p, "%s in L%u: %s; it is tried again once a boot",
					     s->c->works->item[i].workload->name, layer,
					     s->calibration[i].hung[layer]);
}

int session_fewer_calibrated(struct session *s, struct err *err)
{
	struct facts facts = FACTS_INIT;
	int done;

	progress_say(s->p, "%s; the others continue, with counts for L0 to L%d", s->link.gone,
		     s->link.alive - 1);
	s->told_alive = s->link.alive;
	facts_set(&facts, LAYERS_CALIBRATED_WITHOUT, "%s", s->link.gone);
	done = session_put_facts(s, 0, &facts, err);
	if (done == 0 && !s->given_up)
		done = session_keep_evidence(s, (uint32_t)s->link.alive, s->link.gone, err);
	return done;
}
