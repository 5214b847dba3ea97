/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/wrap.h"

#include <stdbool.h>
#include <string.h>

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t text_columns(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += begins_character(*text);
	return columns;
}

size_t text_fit(const char *text, size_t columns)
{
	size_t bytes = 0;

	for (; text[bytes] && (columns || !begins_character(text[bytes])); bytes++)
		columns -= begins_character(text[bytes]);
	return bytes;
}

void text_wrap(struct buf *out, const char *first, const char *words, size_t width)
{
	size_t indent = text_columns(first), at = indent;

	buf_addstr(out, first);
	while (*words) {
		size_t len = strcspn(words, " ");
		char word[512];
		size_t columns;

		if (len >= sizeof(word))
			len = sizeof(word) - 1;
		memcpy(word, words, len);
		word[len] = '\0';
		columns = text_columns(word);
		if (at > indent && at + 1 + columns > width) {
			buf_addstr(out, "\n");
			buf_addf(out, "%*s", (int)indent, "");
			at = indent;
		}
		if (at > indent) {
			buf_addstr(out, " ");
			at++;
		}
		buf_addstr(out, word);
		at += columns;
		words += len;
		words += strspn(words, " ");
	}
	buf_addstr(out, "\n");
}

void text_wrapf(struct buf *out, const char *first, size_t width, const char *fmt, ...)
{
	struct buf words = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(&words, fmt, ap);
	va_end(ap);
	text_wrap(out, first, buf_str(&words), width);
	buf_done(&words, out);
}

/* Lines that begin with a blank are a table or an example. */
static bool stays(const char *line)
{
	return *line == ' ' || *line == '\n' || *line == '\0';
}

void text_reflow(struct buf *out, const char *text, size_t width)
{
	struct buf words = BUF_INIT;

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *next = text[len] ? text + len + 1 : text + len;

		buf_add(&words, text, len);
		if (stays(text)) {
			buf_addf(out, "%s\n", buf_str(&words));
			buf_clear(&words);
		} else if (stays(next)) {
			text_wrap(out, "", buf_str(&words), width);
			buf_clear(&words);
		} else {
			buf_addstr(&words, " ");
		}
		text = next;
	}
	buf_done(&words, out);
}
