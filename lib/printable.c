/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/printable.h"

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"

static bool is_harmless(uint32_t code)
{
	return code >= ' ' && !(code >= 0x7f && code < 0xa0) &&
	       !(code >= 0x200e && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069);
}

/* Whether the character that text begins with, of so many bytes, may stand in a line. */
static bool harmless(const char *text, size_t *bytes)
{
	uint32_t code = 0;
	size_t len = utf8_char(text, &code);

	*bytes = len ? len : 1;
	return len && is_harmless(code);
}

char *printable(char *text)
{
	size_t bytes;

	for (char *c = text; *c; c += bytes)
		if (!harmless(c, &bytes))
			memset(c, '?', bytes);
	return text;
}

bool is_printable(const char *text)
{
	size_t bytes;

	for (; *text; text += bytes)
		if (!harmless(text, &bytes))
			return false;
	return true;
}

void printable_puts(const char *fmt, ...)
{
	char line[2 * PATH_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	puts(printable(line));
}
