/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/sample.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"

static const char *const status_names[] = {
	[SAMPLE_OK] = "ok",	      [SAMPLE_SKIP] = "skip",	    [SAMPLE_FAIL] = "fail",
	[SAMPLE_TIMEOUT] = "timeout", [SAMPLE_SUSPECT] = "suspect",
};
enum { STATUSES = sizeof(status_names) / sizeof(status_names[0]) };

const char *sample_status_name(enum sample_status s)
{
	return (unsigned)s < STATUSES ? status_names[s] : NULL;
}

int sample_parse_status(const char *text, enum sample_status *out, struct err *err)
{
	for (unsigned i = 0; i < STATUSES; i++)
		if (strcmp(text, status_names[i]) == 0) {
			*out = (enum sample_status)i;
			return 0;
		}
	return err_set(err, EXIT_USAGE,
		       "status: \"%.64s\" is none of ok, skip, fail, timeout and suspect", text);
}

void sample_set_reason(struct sample *s, const char *fmt, ...)
{
	char text[SAMPLE_REASON]; /* an argument may be s->reason itself */
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *c = text; *c; c++) {
		if (*c == '"')
			*c = '\'';
		else if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = ' ';
	}
	memcpy(s->reason, printable(text), sizeof(text));
}

void sample_suspect(struct sample *s, const char *why)
{
	s->status = SAMPLE_SUSPECT;
	sample_set_reason(s, "%s%s%s", s->reason, s->reason[0] ? "; " : "", why);
}

void sample_set_repeats(struct sample *s, uint32_t round)
{
	/* The end is what counts: a long reason loses its own. */
	enum { ROOM = SAMPLE_REASON - 32 };

	sample_set_reason(s, "%.*s%s" SAMPLE_REPEATS "%" PRIu32, ROOM, s->reason,
			  s->reason[0] ? "; " : "", round);
}

uint32_t sample_repeats(const char *reason)
{
	const char *last = strrchr(reason, ';');
	struct err ignored;
	uint64_t round;

	if (last && last[1] == ' ')
		reason = last + 2;
	if (strncmp(reason, SAMPLE_REPEATS, strlen(SAMPLE_REPEATS)) != 0 ||
	    parse_u64(reason + strlen(SAMPLE_REPEATS), "", 1, INT32_MAX, &round, &ignored) < 0)
		return 0;
	return (uint32_t)round;
}

const char *sample_format_line(const struct sample *s, char line[SAMPLE_LINE])
{
	/* A reason holds no quotes, so quoting it is all that CSV asks for. */
	const char *quote = strchr(s->reason, ',') ? "\"" : "";

	snprintf(line, SAMPLE_LINE,
		 "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%016" PRIx64
		 ",%s,%s%s%s",
		 s->batch, s->ops, s->bytes, s->elapsed_ns, s->steal_ns, s->digest,
		 sample_status_name(s->status), quote, s->reason, quote);
	return line;
}

static int parse_digest(const char *text, uint64_t *out, struct err *err)
{
	if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		return err_set(err, EXIT_USAGE, "digest: \"%.64s\" is not 16 hexadecimal digits",
			       text);
	*out = strtoull(text, NULL, 16);
	return 0;
}

int sample_parse_line(const char *line, struct sample *s, struct err *err)
{
	enum { FIELDS = 8 };
	static const char *const names[] = {"batch", "ops", "bytes", "elapsed_ns", "steal_ns"};
	struct sample parsed = {0};
	uint64_t *const numbers[] = {&parsed.batch, &parsed.ops, &parsed.bytes, &parsed.elapsed_ns,
				     &parsed.steal_ns};
	char copy[SAMPLE_LINE], *field[FIELDS], *next = copy;
	size_t len;

	if (strlen(line) >= sizeof(copy))
		return err_set(err, EXIT_USAGE, "a row has more than the %d characters allowed",
			       SAMPLE_LINE - 1);
	str_copy(copy, sizeof(copy), line);
	for (int i = 0; i < FIELDS; i++) {
		if (!next)
			return err_set(err, EXIT_USAGE, "a row has %d fields instead of %d (%s)", i,
				       FIELDS, SAMPLE_LINE_HEADER);
		field[i] = next;
		next = strchr(next, ',');
		if (next && i < FIELDS - 1)
			*next++ = '\0';
	}
	for (int i = 0; i < 5; i++)
		if (parse_u64(field[i], names[i], 0, INT64_MAX, numbers[i], err) < 0)
			return -1;
	if (parse_digest(field[5], &parsed.digest, err) < 0 ||
	    sample_parse_status(field[6], &parsed.status, err) < 0)
		return -1;
	len = strlen(field[7]);
	if (len >= 2 && field[7][0] == '"' && field[7][len - 1] == '"') {
		field[7][len - 1] = '\0';
		field[7]++;
	}
	sample_set_reason(&parsed, "%s", field[7]);
	*s = parsed;
	return 0;
}
