/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line, one word a line of the input. */
#include "tests/fuzz/fuzz.h"

#include "lib/options.h"

struct target {
	bool flag;
	const char *text;
	struct text_list list;
	uint64_t count, size, time;
};

#define AT(member) offsetof(struct target, member)

static const struct option table[] = {
	{"flag", OPT_FLAG, AT(flag), NULL, NULL, 0, 0, "a flag"},
	{"text", OPT_TEXT, AT(text), "TEXT", "none", 0, 0, "a text"},
	{"list", OPT_LIST, AT(list), "TEXT", NULL, 0, 0, "texts"},
	{"count", OPT_COUNT, AT(count), "N", "3", 1, 100, "a count"},
	{"size", OPT_SIZE, AT(size), "SIZE", "1MiB", 4096, UINT64_C(1) << 40, "a size"},
	{"time", OPT_DURATION, AT(time), "TIME", "1s", 1000, UINT64_MAX, "a time"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench fuzz",
	.examples = "  nestbench fuzz\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 3,
	.about = "Everything that a table can hold.",
	.options = table,
};

enum { WORDS = 100 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *argv[WORDS + 2] = {"fuzz"}, *rest, *word;
	struct target t = {0};
	struct text_list words = {0};
	struct err err = {0};
	int argc = 1, done;

	for (word = strtok_r(text, "\n", &rest); word && argc <= WORDS;
	     word = strtok_r(NULL, "\n", &rest))
		/* The help goes to stdout; it is the same every time. */
		argv[argc++] = strcmp(word, "--help") == 0 ? "--hel" : word;
	done = options_parse(&cli, argc, argv, &t, &words, &err);
	if (done < 0) {
		must_explain(&err);
	} else {
		must(done == 0 && words.count >= 1 && words.count <= 3);
		must(t.count >= 1 && t.count <= 100 && t.text);
		must(t.size >= 4096 && t.size <= UINT64_C(1) << 40 && t.time >= 1000);
		must(t.list.count <= LIST_MAX);
	}
	free(text);
	return 0;
}
