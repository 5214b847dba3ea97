/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/base/printable.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes one character of UTF-8; its length in bytes, or 0 when it is none. */
static size_t decode(const unsigned char *c, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = c[0] < 0x80 ? 1 : c[0] < 0xc0 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;

	if (len == 0 || c[0] >= 0xf8)
		return 0;
	*code = len == 1 ? c[0] : c[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	return *code >= least[len] && *code <= 0x10ffff ? len : 0;
}

static bool is_harmless(uint32_t code)
{
	return code >= ' ' && !(code >= 0x7f && code < 0xa0) &&
	       !(code >= 0x200e && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069) && !(code >= 0xd800 && code <= 0xdfff);
}

char *printable(char *text)
{
	unsigned char *c = (unsigned char *)text;

	while (*c) {
		uint32_t code = 0;
		size_t len = decode(c, &code);
		bool keep = len && is_harmless(code);

		for (size_t i = len ? len : 1; i; i--, c++)
			if (!keep)
				*c = '?';
	}
	return text;
}
