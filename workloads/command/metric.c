/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/command/metric.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE_PAIR "must hold one pair of parentheses, around the number"

static int refuse(const char *pattern, const char *why, struct err *err)
{
	return err_set(err, EXIT_USAGE, "--metric: \"%.100s\" %s", pattern, why);
}

/* The largest number of a repetition that begins with '{' here; at least 1. */
static unsigned long repetition(const char *brace)
{
	unsigned long most = 1;

	for (const char *c = brace; *c && *c != '}'; c++) {
		unsigned long number = strtoul(c + 1, NULL, 10);

		if (isdigit((unsigned char)c[1]) && number > most)
			most = number;
	}
	return most;
}

/* The end of the bracket expression that begins here, or of the pattern. */
static const char *bracket_end(const char *c)
{
	c += c[1] == '^' ? 2 : 1;
	c += *c == ']';
	while (*c && *c != ']') {
		const char kind[] = {c[1], ']', '\0'}, *end = NULL;

		if (*c == '[' && c[1] && strchr(":=.", c[1]))
			end = strstr(c + 2, kind);
		c = end ? end + 2 : c + 1;
	}
	return c;
}

/*
 * The C library's matcher takes any amount of time and memory that a pattern asks for: a '+' on a
 * '+', or on a group with a '+' in it, doubles the pattern each time.
 */
static int check_bounds(const char *pattern, struct err *err)
{
	unsigned long repeats = 1;
	bool repeated = false;
	int groups = 0;

	if (strlen(pattern) >= METRIC_PATTERN)
		return refuse(pattern, "is longer than 255 characters", err);
	for (const char *c = pattern; *c; c++) {
		bool repeats_this = strchr("*+?{", *c) != NULL;

		if (repeats_this && repeated)
			return refuse(pattern, "repeats a repetition", err);
		if (*c == '\\' && isdigit((unsigned char)c[1]))
			return refuse(pattern, "holds a back-reference", err);
		if (*c == '{' && repetition(c) > METRIC_REPEATS / repeats)
			return refuse(pattern, "repeats more than 1000 times in all", err);
		if (*c == '{') {
			repeats *= repetition(c);
			c += strcspn(c, "}");
		} else if (*c == '[') {
			c = bracket_end(c);
		} else if (*c == '\\' && c[1]) {
			c++;
		} else {
			groups += *c == '(';
		}
		repeated = repeats_this;
		if (!*c)
			break;
	}
	return groups > 1 ? refuse(pattern, ONE_PAIR, err) : 0;
}

int metric_compile(struct metric *m, const char *pattern, struct err *err)
{
	char why[200];
	int failed;

	if (check_bounds(pattern, err) < 0)
		return -1;
	failed = regcomp(&m->pattern, pattern, REG_EXTENDED | REG_NEWLINE);
	if (failed) {
		regerror(failed, &m->pattern, why, sizeof(why));
		return err_set(err, failed == REG_ESPACE ? EXIT_INTERNAL : EXIT_USAGE,
			       "--metric: \"%.100s\" is no pattern: %s", pattern, why);
	}
	m->text = pattern;
	if (m->pattern.re_nsub == 1)
		return 0;
	metric_release(m);
	return refuse(pattern, ONE_PAIR, err);
}

/* The factor of a prefix after a number: "12.3k", "8MiB". Programs change it as the number
 * grows. */
static double prefix(const char *text)
{
	static const char letters[] = "kMGT";
	const char *letter = *text ? strchr(letters, *text == 'K' ? 'k' : *text) : NULL;

	return letter ? pow(text[1] == 'i' ? 1024 : 1000, (double)(letter - letters + 1)) : 1;
}

/*
 * The same for a time: the unit right after it, or after one blank; seconds where there is none. 0:
 * the letters right after it are no unit.
 */
static double time_unit(const char *text)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"ns", 1e-9},  {"nsec", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"usec", 1e-6},
		     {"ms", 1e-3},  {"msec", 1e-3}, {"s", 1},	  {"sec", 1},	{"secs", 1},
		     {"second", 1}, {"seconds", 1}, {"min", 60}};
	const char *word = *text == ' ' ? text + 1 : text;
	size_t len = 0;

	while (isalpha((unsigned char)word[len]) || (unsigned char)word[len] >= 0x80)
		len++;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (len == strlen(units[i].name) && memcmp(word, units[i].name, len) == 0)
			return units[i].seconds;
	return len == 0 || word > text ? 1 : 0;
}

int metric_search(const struct metric *m, const char *text, bool cut, double *value,
		  struct err *err)
{
	regmatch_t match[2];
	char number[64], *end;
	const char *behind;
	double found, unit;
	int len;

	if (regexec(&m->pattern, text, 2, match, cut ? REG_NOTBOL : 0) != 0 || match[1].rm_so < 0)
		return 0;
	len = match[1].rm_eo - match[1].rm_so;
	snprintf(number, sizeof(number), "%.*s", len, text + match[1].rm_so);
	behind = text + match[1].rm_eo;
	unit = m->is_time ? time_unit(behind) : prefix(behind);
	found = strtod(number, &end) * (unit > 0 ? unit : 1);
	if (len == 0 || len >= (int)sizeof(number) || *end || !isfinite(found) || found <= 0)
		return err_set(err, EXIT_USAGE, "--metric: \"%.60s\" is not a number above 0",
			       number);
	if (unit == 0)
		return err_set(err, EXIT_USAGE,
			       "--metric-seconds: \"%.60s%.*s\" is not a known time "
			       "(expected ns, us, ms, s, min or nothing after the number)",
			       number, (int)strcspn(behind, " \t\n"), behind);
	*value = found;
	return 1;
}

void metric_release(struct metric *m)
{
	if (m->text)
		regfree(&m->pattern);
	m->text = NULL;
}
