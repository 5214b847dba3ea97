/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/parse.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit size_units[] = {
	{"TiB", UINT64_C(1) << 40},
	{"GiB", UINT64_C(1) << 30},
	{"MiB", UINT64_C(1) << 20},
	{"KiB", UINT64_C(1) << 10},
	{"", 1},
	{0},
};

static const struct unit time_units[] = {
	{"h", 3600 * NS_PER_S},
	{"m", 60 * NS_PER_S},
	{"s", NS_PER_S},
	{"ms", NS_PER_MS},
	{"us", NS_PER_US},
	{"ns", 1},
	{0},
};

/* Reads leading digits into *out; returns where they end, or NULL when there are none or too many.
 */
static const char *digits(const char *text, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return NULL;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno ? NULL : end;
}

static int parse_with_unit(const char *text, const struct unit *units, uint64_t min, uint64_t max,
			   uint64_t *out)
{
	uint64_t number;
	const char *end = digits(text, &number);

	for (const struct unit *u = units; end && u->name; u++)
		if (strcmp(end, u->name) == 0 && number <= UINT64_MAX / u->factor &&
		    number * u->factor >= min && number * u->factor <= max) {
			*out = number * u->factor;
			return 0;
		}
	return -1;
}

int parse_u64(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
	      struct err *err)
{
	uint64_t number;
	const char *end = digits(text, &number);

	if (!end || *end || number < min || number > max)
		return err_set(err, EXIT_USAGE,
			       "%s: \"%.64s\" is not a whole number from %" PRIu64 " to %" PRIu64,
			       what, text, min, max);
	*out = number;
	return 0;
}

int parse_size(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
	       struct err *err)
{
	char low[SIZE_TEXT], high[SIZE_TEXT];

	if (parse_with_unit(text, size_units, min, max, out) == 0)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "%s: \"%.64s\" is not a size from %s to %s (bytes, or with KiB, MiB, GiB or "
		       "TiB)",
		       what, text, format_size(min, low), format_size(max, high));
}

int parse_duration_ns(const char *text, const char *what, uint64_t min, uint64_t max, uint64_t *out,
		      struct err *err)
{
	char low[SIZE_TEXT], high[SIZE_TEXT];

	if (parse_with_unit(text, time_units, min, max, out) == 0)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "%s: \"%.64s\" is not a time from %s to %s (a whole number with ns, us, ms, "
		       "s, m or h)",
		       what, text, format_duration_short((double)min, low),
		       format_duration_short((double)max, high));
}

int parse_double(const char *text, const char *what, double min, double max, double *out,
		 struct err *err)
{
	char *end;
	double number;

	if (text[0] == '\0' || strspn(text, "0123456789+-.eE") != strlen(text))
		goto bad;
	errno = 0;
	number = strtod(text, &end);
	if (*end || (errno && fabs(number) > 1) || !isfinite(number) || number < min ||
	    number > max)
		goto bad;
	*out = number;
	return 0;
bad:
	return err_set(err, EXIT_USAGE, "%s: \"%.64s\" is not a number from %g to %g", what, text,
		       min, max);
}

int parse_percent(const char *text, const char *what, double min, double max, double *out,
		  struct err *err)
{
	char number[32];
	size_t len = strlen(text);
	struct err ignored;
	double percent;

	if (len < 2 || len > sizeof(number) || text[len - 1] != '%')
		goto bad;
	memcpy(number, text, len - 1);
	number[len - 1] = '\0';
	if (parse_double(number, what, min, max, &percent, &ignored) < 0)
		goto bad;
	*out = percent / 100;
	return 0;
bad:
	return err_set(err, EXIT_USAGE,
		       "%s: \"%.64s\" is not a share from %g%% to %g%%, such as 5%%", what, text,
		       min, max);
}

const char *format_size(uint64_t bytes, char text[SIZE_TEXT])
{
	const struct unit *u = size_units;

	while (u->factor > 1 && (bytes == 0 || bytes % u->factor))
		u++;
	snprintf(text, SIZE_TEXT, "%" PRIu64 "%s", bytes / u->factor, u->name);
	return text;
}

/* Three significant digits without an exponent. */
static const char *three_digits(double x, const char *unit, char text[SIZE_TEXT])
{
	snprintf(text, SIZE_TEXT, "%.*f %s", x < 9.995 ? 2 : x < 99.95 ? 1 : 0, x, unit);
	return text;
}

const char *format_size_short(uint64_t bytes, char text[SIZE_TEXT])
{
	const struct unit *u = size_units;

	while (u->factor > 1 && bytes < u->factor)
		u++;
	if (u->factor == 1) {
		snprintf(text, SIZE_TEXT, "%" PRIu64 " B", bytes);
		return text;
	}
	return three_digits((double)bytes / (double)u->factor, u->name, text);
}

const char *format_duration_short(double ns, char text[SIZE_TEXT])
{
	static const struct unit units[] = {
		{"s", NS_PER_S}, {"ms", NS_PER_MS}, {"us", NS_PER_US}, {"ns", 1}};
	const struct unit *u = units;

	if (ns >= 120e9)
		return three_digits(ns / 60e9, "min", text);
	while (u->factor > 1 && ns < (double)u->factor)
		u++;
	return three_digits(ns / (double)u->factor, u->name, text);
}

bool parse_matches(const char *pattern, const char *name)
{
	size_t len = strlen(pattern), size = strlen(name);

	if (pattern[0] == '*')
		return size >= len - 1 && strcmp(name + size - (len - 1), pattern + 1) == 0;
	return len && pattern[len - 1] == '*' ? strncmp(name, pattern, len - 1) == 0
					      : strcmp(name, pattern) == 0;
}

bool parse_has_word(const char *text, const char *end, const char *word)
{
	size_t len = strlen(word);

	if (!end)
		end = text + strlen(text);
	for (const char *at = text; (at = strstr(at, word)) && at + len <= end; at += len)
		if ((at == text || at[-1] == ' ') && (at + len == end || at[len] == ' '))
			return true;
	return false;
}
