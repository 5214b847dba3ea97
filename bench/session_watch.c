/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session_parts.h"

#include "bench/base/interrupt.h"
#include "results/layers.h"

int session_watch(struct session *s, uint32_t next_round, bool last, struct err *err)
{
	for (uint32_t layer = 0; layer <= s->c->shape.depth; layer++) {
		struct clock_watch *watch = &s->clock[layer];
		struct facts facts = FACTS_INIT;
		struct clock_reading now;
		int done = 0;

		if ((int)layer >= s->link.alive ||
		    clock_read(&s->link, (int)layer, &now, err) < 0) {
			if (interrupt_check(err) < 0)
				return -1;
			continue;
		}
		if (clock_watch_see(watch, &now, next_round))
			progress_say(s->p, "L%u: %s: its rows are suspect from here on", layer,
				     watch->why);
		if (last) {
			clock_watch_facts(watch, &facts);
			done = layers_append(s->c->dir, s->c->run, s->boot, layer, &facts, err);
			facts_release(&facts);
		}
		if (done < 0)
			return -1;
	}
	return 0;
}
