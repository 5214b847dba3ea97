/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/copies.h"

void copies_start(struct copies *c, uint32_t guests, uint32_t copies)
{
	*c = (struct copies){.guests = guests, .copies = copies};
}

int copies_add(struct copies *c, int guest, const struct sample *s, struct err *err)
{
	if (guest < 0 || (uint32_t)guest >= c->guests || c->from[guest] == c->copies)
		return err_set(err, EXIT_INTERNAL, "more rows than the %u that were asked for",
			       c->guests * c->copies);
	if (!c->got || s->elapsed_ns < c->fastest_ns)
		c->fastest_ns = s->elapsed_ns;
	if (!c->got || s->elapsed_ns > c->slowest.elapsed_ns)
		c->slowest = *s;
	c->digest += s->digest;
	c->from[guest]++;
	c->got++;
	return 0;
}

bool copies_has_all(const struct copies *c, int guest)
{
	return guest >= 0 && (uint32_t)guest < c->guests && c->from[guest] == c->copies;
}

bool copies_full(const struct copies *c)
{
	return c->got == c->guests * c->copies;
}

struct sample copies_sample(const struct copies *c)
{
	struct sample s = c->slowest;

	s.digest = c->digest;
	if (c->got > 1)
		s.fastest_ns = c->fastest_ns;
	return s;
}
