/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/params.h"

#include <stdint.h>
#include <string.h>

#include "bench/base/parse.h"

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
