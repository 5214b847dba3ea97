/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "results/rundir/remark.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/parse.h"
#include "lib/str.h"
#include "results/rundir/csvfile.h"

/* Nobody waits longer. */
static const double LONGEST_NS = 1e15;

static bool read_duration(const char *number, const char *name, float *ns)
{
	static const struct {
		const char *name;
		double ns;
	} units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}};
	struct err ignored;
	double value;

	if (parse_double(number, "", 0, LONGEST_NS, &value, &ignored) < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(name, units[i].name) == 0) {
			*ns = (float)(value * units[i].ns);
			return *ns <= (float)LONGEST_NS;
		}
	return false;
}

static bool read_latency(const char *part, struct latency *out)
{
	enum { WORDS = 9 };
	static const char *const names[] = {"p50", "p99", "max"};
	char copy[SAMPLE_REASON], *word[WORDS], *rest, *next;
	float ns[3];
	int words = 0;

	snprintf(copy, sizeof(copy), "%s", part);
	for (next = strtok_r(copy, " ", &rest); next; next = strtok_r(NULL, " ", &rest)) {
		if (words == WORDS)
			return false;
		word[words++] = next;
	}
	if (words != WORDS)
		return false;
	for (int i = 0; i < 3; i++)
		if (strcmp(word[3 * i], names[i]) != 0 ||
		    !read_duration(word[3 * i + 1], word[3 * i + 2], &ns[i]))
			return false;
	if (!(ns[0] <= ns[1] && ns[1] <= ns[2]))
		return false;
	*out = (struct latency){ns[0], ns[1], ns[2]};
	return true;
}

static bool is_own(const char *part)
{
	static const char *const begins[] = {SAMPLE_WARM_UP, "short batch", "the slowest of ",
					     "the fastest took ", SAMPLE_REPEATS};

	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncmp(part, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

void remark_read(const char *reason, struct remark *out)
{
	char part[SAMPLE_REASON];

	*out = (struct remark){.latency = LATENCY_NONE};
	while (*reason) {
		const char *end = strstr(reason, "; ");
		size_t len = end ? (size_t)(end - reason) : strlen(reason);

		snprintf(part, sizeof(part), "%.*s", (int)len, reason);
		reason += len + (end ? 2 : 0);
		if (!is_own(part) && !read_latency(part, &out->latency))
			str_addf(out->text, sizeof(out->text), "%s%s", out->text[0] ? "; " : "",
				 part);
	}
	csv_printable(out->text, out->text, sizeof(out->text));
}
