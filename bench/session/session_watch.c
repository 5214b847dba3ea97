/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/session_parts.h"

#include "lib/interrupt.h"

int session_watch(struct session *s, uint32_t next_round, struct err *err)
{
	if (session_check_image(s, err) < 0)
		return -1;
	for (uint32_t layer = 0; layer <= s->c->vm_size.depth; layer++) {
		struct clock_watch *watch = &s->clock[layer];
		struct clock_reading now;

		if ((int)layer >= s->link.alive ||
		    clock_read(&s->link, (int)layer, &now, err) < 0) {
			if (interrupt_check(err) < 0)
				return -1;
			continue;
		}
		if (clock_watch_see(watch, &now, next_round))
			progress_say(s->p, "L%u: %s: its rows are suspect from here on", layer,
				     watch->why);
		if (next_round > 1 && session_disturbance_note(s, layer, next_round - 1, err) < 0)
			return -1;
	}
	return 0;
}

int session_watch_end(struct session *s, struct err *err)
{
	for (uint32_t layer = 0; layer <= s->c->vm_size.depth; layer++) {
		struct facts facts = FACTS_INIT;

		clock_watch_facts(&s->clock[layer], &facts);
		if (session_put_facts(s, layer, &facts, err) < 0)
			return -1;
	}
	return 0;
}
