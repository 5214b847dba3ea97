/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/params.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/str.h"

/* Whether the word at text, of len bytes, is NAME=…; *value begins behind the '='. */
static bool is_named(const char *text, size_t len, const char *name, size_t *value)
{
	*value = strlen(name) + 1;
	return len >= *value && strncmp(text, name, *value - 1) == 0 && text[*value - 1] == '=';
}

bool params_get(const char *params, const char *name, char value[PARAM_TEXT])
{
	for (size_t len, from; *params; params += len + strspn(params + len, " ")) {
		len = strcspn(params, " ");
		if (!is_named(params, len, name, &from) || len - from >= PARAM_TEXT)
			continue;
		memcpy(value, params + from, len - from);
		value[len - from] = '\0';
		return true;
	}
	return false;
}

double params_number(const char *params, const char *name, double fallback)
{
	char value[PARAM_TEXT];
	uint64_t number;
	struct err err;

	if (!params_get(params, name, value) ||
	    parse_size(value, name, 0, UINT64_MAX, &number, &err) < 0)
		return fallback;
	return (double)number;
}

/* Is the word NAME=NUMBER, a size or a count? name is its length with the '='. */
static bool is_number(const char *word, size_t len, size_t name, uint64_t *number)
{
	char value[PARAM_TEXT];
	struct err err;

	if (name == 0 || len <= name || len - name >= sizeof(value))
		return false;
	memcpy(value, word + name, len - name);
	value[len - name] = '\0';
	return parse_size(value, "", 0, UINT64_MAX, number, &err) == 0;
}

/* Words of one parameter: numbers first, by their worth. 0: as strcmp has it. */
static int compare_words(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const char *equals = memchr(a, '=', a_len);
	size_t name = equals ? (size_t)(equals - a) + 1 : 0;
	uint64_t x = 0, y = 0;
	bool x_is, y_is;

	if (b_len < name || memcmp(a, b, name) != 0)
		return 0;
	x_is = is_number(a, a_len, name, &x);
	y_is = is_number(b, b_len, name, &y);
	return x_is == y_is ? (x > y) - (x < y) : (y_is ? 1 : -1);
}

int params_compare(const char *a, const char *b)
{
	const char *x = a, *y = b;

	for (size_t x_len, y_len; *x && *y;
	     x += x_len + strspn(x + x_len, " "), y += y_len + strspn(y + y_len, " ")) {
		int order;

		x_len = strcspn(x, " ");
		y_len = strcspn(y, " ");
		if (x_len == y_len && memcmp(x, y, x_len) == 0)
			continue;
		order = compare_words(x, x_len, y, y_len);
		return order ? order : strcmp(x, y);
	}
	return strcmp(a, b);
}

const char *params_without(const char *params, const char *const *names, char *out, size_t size)
{
	size_t used = 0, from;

	for (size_t len; *params; params += len + strspn(params + len, " ")) {
		bool dropped = false;

		len = strcspn(params, " ");
		for (size_t i = 0; names[i]; i++)
			dropped |= is_named(params, len, names[i], &from);
		if (dropped || used + len + 2 > size)
			continue;
		if (used)
			out[used++] = ' ';
		memcpy(out + used, params, len);
		used += len;
	}
	out[used] = '\0';
	return out;
}

const char *threads_word(uint32_t threads, char text[THREADS_TEXT])
{
	if (threads == THREADS_ON_EACH_CPU)
		str_copy(text, THREADS_TEXT, "threads=all");
	else
		snprintf(text, THREADS_TEXT, "threads=%" PRIu32, threads);
	return text;
}
