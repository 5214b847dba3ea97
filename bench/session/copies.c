/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/session/copies.h"

void together_start(struct together *t, uint32_t guests, uint32_t copies)
{
	*t = (struct together){.guests = guests, .copies = copies};
}

int together_add(struct together *t, int guest, const struct sample *s, struct err *err)
{
	if (guest < 0 || (uint32_t)guest >= t->guests || t->from[guest] == t->copies)
		return err_set(err, EXIT_INTERNAL, "more rows than the %u that were asked for",
			       t->guests * t->copies);
	if (!t->got || s->elapsed_ns < t->fastest_ns)
		t->fastest_ns = s->elapsed_ns;
	if (!t->got || s->elapsed_ns > t->slowest.elapsed_ns)
		t->slowest = *s;
	t->digest += s->digest;
	t->from[guest]++;
	t->got++;
	return 0;
}

bool together_has_all(const struct together *t, int guest)
{
	return guest >= 0 && (uint32_t)guest < t->guests && t->from[guest] == t->copies;
}

bool together_full(const struct together *t)
{
	return t->got == t->guests * t->copies;
}

struct sample together_sample(const struct together *t)
{
	struct sample s = t->slowest;

	s.digest = t->digest;
	if (t->got > 1)
		s.fastest_ns = t->fastest_ns;
	return s;
}
