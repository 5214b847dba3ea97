/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages from a channel: lines, JSON objects, and the row in them. */
#include "tests/fuzz/fuzz.h"

#include "bench/link/channel.h"
#include "lib/sample.h"

/* A row that is read is written and read back the same. */
static void take_row(const char *line)
{
	struct sample s, again;
	char text[SAMPLE_LINE];
	struct err err = {0};

	if (sample_parse_line(line, &s, &err) < 0) {
		must_explain(&err);
		return;
	}
	must(sample_parse_line(sample_format_line(&s, text), &again, &err) == 0);
	must(memcmp(&s, &again, offsetof(struct sample, reason)) == 0);
	must(strcmp(s.reason, again.reason) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct channel c = CHANNEL_INIT;
	struct err err = {0};
	size_t lines = 1;
	json_t *m;

	buf_add(&c.in, data, size);
	while ((m = channel_take(&c, &err)) || err.text[0]) {
		const char *line = json_string_value(json_object_get(m, "line"));

		must(lines++ <= size);
		must(c.taken <= c.in.len);
		if (line)
			take_row(line);
		if (!m)
			must_explain(&err);
		json_decref(m);
	}
	channel_release(&c);
	return 0;
}
