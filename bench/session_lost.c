/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session_parts.h"

int session_check_l0(struct session *s, struct err *err)
{
	if (s->link.alive > 0)
		return 0;
	facts_set(&s->m->more, "stopped", "%s", s->link.gone);
	return err_set(err, EXIT_INTERNAL,
		       "%s; the rows so far are kept, and `nestbench resume` completes the run",
		       s->link.gone);
}

void session_tell_lost(struct session *s)
{
	if (s->link.alive > 0 && s->link.alive < s->told_alive)
		progress_say(s->p, "%s; the other layers go on", s->link.gone);
	s->told_alive = s->link.alive;
}

void session_note_lost(const struct session *s, uint32_t *unreached, struct err *why)
{
	uint32_t depth = s->c->shape.depth, reached = (uint32_t)s->link.alive;

	if (reached < (*unreached ? *unreached : depth + 1)) {
		*unreached = reached;
		err_set(why, EXIT_MACHINE, "boot %u: %s", s->boot, s->link.gone);
	} else if (!*unreached && s->link.guests < (int)s->c->shape.guests) {
		*unreached = depth;
		err_set(why, EXIT_MACHINE, "boot %u: %s", s->boot, s->link.guest_gone);
	}
}
