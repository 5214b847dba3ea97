/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/str.h"

#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"

/* Takes the beginning of a character off the end of a text that was cut there. */
static void drop_half(char *text, size_t len)
{
	uint32_t code;

	for (size_t back = 1; back < 4 && back <= len; back++) {
		unsigned char c = (unsigned char)text[len - back];

		if (c >= 0xc0 && utf8_char(text + len - back, &code) == 0)
			text[len - back] = '\0';
		if (c < 0x80 || c >= 0xc0)
			return;
	}
}

char *str_copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);

	if (len < size) {
		memcpy(to, from, len + 1);
		return to;
	}
	memcpy(to, from, size - 1);
	to[size - 1] = '\0';
	drop_half(to, size - 1);
	return to;
}

void str_addf(char *text, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	str_vaddf(text, size, fmt, ap);
	va_end(ap);
}

void str_vaddf(char *text, size_t size, const char *fmt, va_list ap)
{
	size_t len = strlen(text);
	int more = vsnprintf(text + len, size - len, fmt, ap);

	if (more > 0 && (size_t)more >= size - len)
		drop_half(text, size - 1);
}

const char *str_next_line(const char *text)
{
	const char *end = strchr(text, '\n');

	return end && end[1] ? end + 1 : NULL;
}

/* Without its end; 0: it says nothing. */
static size_t length_of_line(const char *line)
{
	size_t len = strcspn(line, "\r\n");

	return strspn(line, " \t") < len ? len : 0;
}

void str_join_lines(const char *text, bool (*wanted)(const char *line, size_t len), char *joined,
		    size_t size)
{
	joined[0] = '\0';
	for (const char *at = text; at; at = str_next_line(at)) {
		size_t len = length_of_line(at);

		if (len && (!wanted || wanted(at, len)))
			str_addf(joined, size, "%s%.*s", joined[0] ? "; " : "", (int)len, at);
	}
}

void str_last_line(const char *text, char *line, size_t size)
{
	line[0] = '\0';
	for (const char *at = text; at; at = str_next_line(at)) {
		size_t len = length_of_line(at);

		if (len)
			snprintf(line, size, "%.*s", (int)len, at);
	}
}

bool str_is_one_of(const char *text, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(text, *names) == 0)
			return true;
	return false;
}

bool str_fits_any(const char *text, const char *const *globs)
{
	if (!globs || !*globs)
		return true;
	for (; *globs; globs++)
		if (fnmatch(*globs, text, 0) == 0)
			return true;
	return false;
}
