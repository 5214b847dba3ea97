/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/utf8.h"

#include <string.h>

size_t utf8_char(const char *text, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *c = (const unsigned char *)text;
	size_t len = c[0] < 0x80 ? 1 : c[0] < 0xc0 ? 0 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;

	if (len == 0 || c[0] >= 0xf8)
		return 0;
	*code = len == 1 ? c[0] : c[0] & (0x7fu >> len);
	for (size_t i = 1; i < len; i++) {
		if ((c[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (c[i] & 0x3f);
	}
	return *code >= least[len] && *code <= 0x10ffff && (*code < 0xd800 || *code > 0xdfff) ? len
											      : 0;
}

size_t utf8_bom(const char *data, size_t len)
{
	static const char bom[] = "\xef\xbb\xbf";

	return len >= 3 && memcmp(data, bom, 3) == 0 ? 3 : 0;
}
