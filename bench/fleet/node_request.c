/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/node.h"
#include "lib/json.h"
#include "lib/str.h"

int node_request_add(const struct words *argv, bool image, struct buf *out, struct err *err)
{
	json_t *array = json_array(), *request;
	char *text;

	for (size_t i = 0; i < argv->count; i++)
		array = json_and(array, json_bytes(argv->item[i]));
	request = json_pack("{s:o, s:b}", "argv", array, "image", image);
	text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	if (text)
		buf_addf(out, "%s\n", text);
	json_decref(request);
	if (!text)
		return err_set(err, EXIT_INTERNAL, "out of memory for a request");
	free(text);
	return buf_check(out, err);
}

static int add_word(struct words *argv, const json_t *value, struct err *err)
{
	char *word = json_bytes_value(value);
	int done = word ? words_add(argv, err, "%s", word)
			: err_set(err, EXIT_USAGE, "the request holds what is no word");

	free(word);
	return done;
}

int node_request_read(const char *line, struct words *argv, bool *image, struct err *err)
{
	json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL), *array, *word;
	int done = 0;
	size_t i;

	array = json_object_get(request, "argv");
	*image = json_is_true(json_object_get(request, "image"));
	json_array_foreach(array, i, word)
	{
		if (done == 0)
			done = add_word(argv, word, err);
	}
	if (done == 0 && !argv->count)
		done = err_set(err, EXIT_USAGE, "expected a request with the words of a run");
	json_decref(request);
	return done;
}

void node_last_said(const char *log, char *said, size_t size)
{
	static const char front[] = "nestbench run: ";
	size_t len = strlen(front);

	str_last_line(log, said, size);
	if (strncmp(said, front, len) == 0)
		memmove(said, said + len, strlen(said + len) + 1);
}
