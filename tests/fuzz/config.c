/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A configuration, an INI file, and what it makes of command lines. */
#include "tests/fuzz/fuzz.h"

#include "bench/config/config.h"

static void expand(const struct config *c, int argc, char **argv)
{
	struct words words = WORDS_INIT;
	struct buf said = BUF_INIT;
	struct err err = {0};

	if (config_expand(c, command_find(argv[0]), argc, argv, &words, &said, &err) < 0) {
		must_explain(&err);
		must(words.count == 0);
	} else if (words.count) {
		must(strcmp(words.item[0], argv[0]) == 0 && words.count >= (size_t)argc - 2);
		must(strcmp(words.item[words.count - 1], argv[argc - 1]) == 0);
	}
	words_release(&words);
	buf_release(&said);
}

static void show(const struct config *c)
{
	const struct config_shown all = {0};
	struct buf text = BUF_INIT;
	struct err err = {0};

	if (config_show(c, &all, &text, &err) < 0)
		must_explain(&err);
	buf_clear(&text);
	if (config_show_json(c, &all, &text, &err) < 0)
		must_explain(&err);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *run[] = {"run", "--profile", "night", "--quiet=no", "--", "RUN"};
	char *compare[] = {"compare", "--json", "A", "B"};
	struct config c = {.commands = commands};
	struct err err = {0};
	FILE *file = fuzz_file(data, size);

	if (!file)
		return 0;
	if (config_parse(&c, file, "config.ini", &err) == 0) {
		expand(&c, 6, run);
		expand(&c, 4, compare);
		show(&c);
	} else {
		must_explain(&err);
	}
	fclose(file);
	config_release(&c);
	return 0;
}
