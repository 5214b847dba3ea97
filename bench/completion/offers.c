/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/completion/offers.h"

#include <string.h>

const char *offers_typed(const struct offers *o)
{
	return o->word + o->before;
}

bool offers_can_hold(const char *word)
{
	for (; *word; word++)
		if ((unsigned char)*word < ' ' || *word == 0x7f)
			return false;
	return true;
}

void offers_add(struct offers *o, const char *text, const char *tail, const char *help)
{
	const char *typed = offers_typed(o);
	size_t len = strlen(text), typed_len = strlen(typed);

	if (!offers_can_hold(text) || typed_len > len + strlen(tail) ||
	    strncmp(text, typed, typed_len < len ? typed_len : len) != 0 ||
	    (typed_len > len && strncmp(tail, typed + len, typed_len - len) != 0))
		return;
	buf_add(&o->lines, o->word, o->before);
	buf_addf(&o->lines, "%s%s\t", text, tail);
	buf_addf(&o->lines, "%.*s\n", help ? (int)strcspn(help, "\n") : 0, help ? help : "");
}

void offers_add_choices(struct offers *o, const char *const *choices)
{
	for (; choices && *choices; choices++)
		offers_add(o, *choices, "", NULL);
}

void offers_release(struct offers *o)
{
	buf_release(&o->lines);
}
