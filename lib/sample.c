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

/* Which of the names the first len bytes of a text are; -1: none. */
static int find_name(const char *const *names, int count, const char *text, size_t len)
{
	for (int i = 0; i < count; i++)
		if (strlen(names[i]) == len && memcmp(names[i], text, len) == 0)
			return i;
	return -1;
}

int sample_parse_status(const char *text, enum sample_status *out, struct err *err)
{
	int found = find_name(status_names, STATUSES, text, strlen(text));

	if (found < 0)
		return err_set(err, EXIT_USAGE,
			       "status: \"%.64s\" is none of ok, skip, fail, timeout and suspect",
			       text);
	*out = (enum sample_status)found;
	return 0;
}

static const char *const flag_names[] = {"warm-up", "short", "self-reported",
					 "latency", "iops",  "polled"};
enum { FLAGS = sizeof(flag_names) / sizeof(flag_names[0]) };

/* In the order of their names. */
static const char *const flag_meanings[FLAGS] = {
	"of the batch: before the measured batches; in no figure",
	"of the batch: less than 100 times the resolution and the cost of the clock",
	"of the batch: elapsed_ns is computed from what the program printed",
	"of the workload: an operation is something to wait for, whose percentiles are drawn",
	"of the workload: an operation is a request to storage, at random",
	"of the layer: it is reached by polls; host_elapsed_ns is too long",
};

const char *sample_flag_describe(size_t i, const char **meaning)
{
	*meaning = i < FLAGS ? flag_meanings[i] : NULL;
	return i < FLAGS ? flag_names[i] : NULL;
}

const char *sample_format_flags(unsigned flags, char text[SAMPLE_FLAGS_TEXT])
{
	text[0] = '\0';
	for (unsigned i = 0; i < FLAGS; i++)
		if (flags & 1U << i)
			str_addf(text, SAMPLE_FLAGS_TEXT, "%s%s", text[0] ? " " : "",
				 flag_names[i]);
	return text;
}

int sample_parse_flags(const char *text, unsigned *out, struct err *err)
{
	unsigned flags = 0;

	for (size_t len; *text; text += len + (text[len] && text[len + 1])) {
		int found;

		len = strcspn(text, " ");
		found = find_name(flag_names, FLAGS, text, len);
		if (found < 0)
			return err_set(err, EXIT_USAGE,
				       "flags: \"%.*s\" is none of warm-up, short, "
				       "self-reported, latency, iops and polled",
				       (int)(len < 64 ? len : 64), text);
		flags |= 1U << found;
	}
	*out = flags;
	return 0;
}

static const char *const unit_names[] = {
	[SAMPLE_NS_PER_OP] = "ns/op", [SAMPLE_BYTES] = "bytes", [SAMPLE_CPUS] = "cpus"};
enum { UNITS = sizeof(unit_names) / sizeof(unit_names[0]) };

const char *sample_unit_name(enum sample_unit u)
{
	return (unsigned)u < UNITS ? unit_names[u] : NULL;
}

int sample_parse_unit(const char *text, enum sample_unit *out, struct err *err)
{
	int found = find_name(unit_names, UNITS, text, strlen(text));

	if (found < 0)
		return err_set(err, EXIT_USAGE, "unit: \"%.64s\" is none of ns/op, bytes and cpus",
			       text);
	*out = (enum sample_unit)found;
	return 0;
}

double sample_cost(const struct sample *s, enum sample_unit unit)
{
	if (unit == SAMPLE_NS_PER_OP)
		return (double)s->elapsed_ns / (double)s->ops;
	return (double)s->bytes * (unit == SAMPLE_CPUS ? 1e-3 : 1);
}

int sample_check_latency(const struct sample_latency *l, struct err *err)
{
	if (l->p50_ns <= l->p99_ns && l->p99_ns <= l->max_ns)
		return 0;
	return err_set(err, EXIT_USAGE,
		       "p50_ns, p99_ns, max_ns: %" PRIu64 ", %" PRIu64 ", %" PRIu64
		       " are not in ascending order",
		       l->p50_ns, l->p99_ns, l->max_ns);
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

const char *sample_format_line(const struct sample *s, char line[SAMPLE_LINE])
{
	/* A reason holds no quotes, so quoting it is all that CSV asks for. */
	const char *quote = strchr(s->reason, ',') ? "\"" : "";
	const struct sample_latency *l = &s->latency;
	char flags[SAMPLE_FLAGS_TEXT];

	snprintf(line, SAMPLE_LINE,
		 "%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
		 ",%" PRIu64 ",%016" PRIx64 ",%s,%s,%s%s%s",
		 s->batch, s->ops, s->bytes, s->elapsed_ns, s->steal_ns, l->p50_ns, l->p99_ns,
		 l->max_ns, s->digest, sample_format_flags(s->flags, flags),
		 sample_status_name(s->status), quote, s->reason, quote);
	return line;
}

int sample_parse_digest(const char *text, uint64_t *out, struct err *err)
{
	if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
		return err_set(err, EXIT_USAGE, "digest: \"%.64s\" is not 16 hexadecimal digits",
			       text);
	*out = strtoull(text, NULL, 16);
	return 0;
}

int sample_parse_line(const char *line, struct sample *s, struct err *err)
{
	enum { NUMBERS = 8, DIGEST = NUMBERS, FLAGS_FIELD, STATUS, REASON, FIELDS };
	static const char *const names[] = {"batch",	"ops",	  "bytes",  "elapsed_ns",
					    "steal_ns", "p50_ns", "p99_ns", "max_ns"};
	struct sample parsed = {0};
	uint64_t *const numbers[] = {&parsed.batch,	     &parsed.ops,
				     &parsed.bytes,	     &parsed.elapsed_ns,
				     &parsed.steal_ns,	     &parsed.latency.p50_ns,
				     &parsed.latency.p99_ns, &parsed.latency.max_ns};
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
	for (int i = 0; i < NUMBERS; i++)
		if (parse_u64(field[i], names[i], 0, INT64_MAX, numbers[i], err) < 0)
			return -1;
	if (sample_check_latency(&parsed.latency, err) < 0 ||
	    sample_parse_digest(field[DIGEST], &parsed.digest, err) < 0 ||
	    sample_parse_flags(field[FLAGS_FIELD], &parsed.flags, err) < 0 ||
	    sample_parse_status(field[STATUS], &parsed.status, err) < 0)
		return -1;
	len = strlen(field[REASON]);
	if (len >= 2 && field[REASON][0] == '"' && field[REASON][len - 1] == '"') {
		field[REASON][len - 1] = '\0';
		field[REASON]++;
	}
	sample_set_reason(&parsed, "%s", field[REASON]);
	*s = parsed;
	return 0;
}
