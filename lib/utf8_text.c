/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/utf8.h"

#include <stdbool.h>
#include <string.h>

int utf8_check(const char *text, const char *what, struct err *err)
{
	uint32_t code = 0;

	for (size_t at = 0, len; text[at]; at += len) {
		len = utf8_char(text + at, &code);
		if (len == 0 || code < ' ' || (code >= 0x7f && code < 0xa0))
			return err_set(err, EXIT_USAGE, "%s: byte %zu is \\x%02x, %s", what, at + 1,
				       (unsigned char)text[at],
				       len ? "a control character" : "which is not UTF-8");
	}
	return 0;
}

/* Whether text begins with \xNN; *byte is what that stands for. */
static bool is_escape(const char *text, char *byte)
{
	static const char digits[] = "0123456789abcdef";
	const char *high, *low;

	if (text[0] != '\\' || text[1] != 'x' || !text[2] || !text[3])
		return false;
	high = strchr(digits, text[2]);
	low = strchr(digits, text[3]);
	if (!high || !low)
		return false;
	*byte = (char)((high - digits) << 4 | (low - digits));
	return true;
}

void utf8_escape(struct buf *out, const char *text)
{
	uint32_t code;
	char byte;

	while (*text) {
		size_t len = is_escape(text, &byte) ? 0 : utf8_char(text, &code);

		if (len)
			buf_add(out, text, len);
		else
			buf_addf(out, "\\x%02x", (unsigned char)*text);
		text += len ? len : 1;
	}
}

char *utf8_unescape(char *text)
{
	const char *from = text;
	char *to = text;

	while (*from) {
		char byte;
		/* No C string holds a NUL, so none was written. */
		bool escaped = is_escape(from, &byte) && byte;

		*to++ = escaped ? byte : *from;
		from += escaped ? 4 : 1;
	}
	*to = '\0';
	return text;
}
