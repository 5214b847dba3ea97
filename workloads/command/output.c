/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "workloads/command/output.h"

#include <string.h>

enum { LINE_SHOWN = 100 };

void output_begin(struct output *o, const struct metric *metric)
{
	o->metric = metric;
	o->bytes = 0;
	o->found = 0;
	o->cut = false;
	o->len = 0;
}

/* Searches the first `len` bytes; the byte after them may be set to NUL. */
static void search(struct output *o, size_t len)
{
	char behind = o->text[len];

	if (!o->metric || o->found)
		return;
	o->text[len] = '\0';
	o->found = metric_search(o->metric, o->text, o->cut, &o->value, &o->why);
	o->text[len] = behind;
}

/*
 * The window is full. Whole lines except the last are searched and dropped; of a line that fills
 * the window the first half is dropped, up to the next blank so that no number is cut in two.
 */
static void make_room(struct output *o)
{
	char *end = memrchr(o->text, '\n', o->len), *start = NULL;
	size_t gone = o->len / 2;

	if (end) {
		search(o, (size_t)(end - o->text));
		start = memrchr(o->text, '\n', (size_t)(end - o->text));
		gone = (size_t)((start ? start : end) - o->text) + 1;
	} else {
		char *blank = memchr(o->text + gone, ' ', o->len - gone);

		gone = blank ? (size_t)(blank - o->text) : gone;
	}
	o->cut = !end;
	o->len -= gone;
	memmove(o->text, o->text + gone, o->len);
}

int output_add(struct output *o, const char *data, size_t len, struct err *err)
{
	o->bytes += len;
	while (len) {
		size_t room = sizeof(o->text) - 1 - o->len, now = len < room ? len : room;

		for (size_t i = 0; i < now; i++)
			o->text[o->len + i] = data[i] ? data[i] : ' ';
		o->len += now;
		data += now;
		len -= now;
		if (o->len == sizeof(o->text) - 1)
			make_room(o);
	}
	if (o->bytes <= OUTPUT_LIMIT_BYTES)
		return 0;
	return err_set(err, EXIT_USAGE, "the command printed more than %d MiB",
		       OUTPUT_LIMIT_BYTES >> 20);
}

struct output_line output_last_line(const struct output *o)
{
	size_t end = o->len, start;

	while (end && (o->text[end - 1] == '\n' || o->text[end - 1] == ' '))
		end--;
	for (start = end; start && o->text[start - 1] != '\n';)
		start--;
	return (struct output_line){.len = end - start < LINE_SHOWN ? (int)(end - start)
								    : LINE_SHOWN,
				    .text = o->text + start};
}

int output_metric(struct output *o, double *value, struct err *err)
{
	struct output_line last;

	search(o, o->len);
	if (o->found > 0) {
		*value = o->value;
		return 0;
	}
	if (o->found < 0) {
		*err = o->why;
		return -1;
	}
	last = output_last_line(o);
	return err_set(err, EXIT_USAGE, "--metric: \"%.60s\" is not found in: %.*s",
		       o->metric->text, last.len, last.text);
}
