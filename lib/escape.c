/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/escape.h"

#include <string.h>

void escape_xml(struct buf *out, const char *text)
{
	static const char signs[] = "&<>\"'";
	static const char *const entity[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};

	while (*text) {
		size_t plain = strcspn(text, signs);

		buf_add(out, text, plain);
		text += plain;
		if (*text)
			buf_addstr(out, entity[strchr(signs, *text++) - signs]);
	}
}

void escape_backslash(struct buf *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			buf_addstr(out, "\\");
		buf_add(out, text, 1);
	}
}
