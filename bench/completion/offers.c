/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/completion/offers.h"

#include <string.h>

const char *offers_typed(const struct offers *o)
{
	return o->word + o->before;
}

/* A line is a line, and its help begins at its tab. */
static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

void offers_add(struct offers *o, const char *text, const char *tail, const char *help)
{
	const char *typed = offers_typed(o);
	size_t len = strlen(text), typed_len = strlen(typed);

	if (has_control(text) || typed_len > len + strlen(tail) ||
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
