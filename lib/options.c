/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/nearest.h"
#include "lib/parse.h"
#include "lib/wrap.h"

/* Fits the terminals that there are. */
enum { HELP_WIDTH = 80 };

static void add_option_help(struct buf *out, const struct option *o)
{
	struct buf help = BUF_INIT;
	char name[64], left[80];

	snprintf(name, sizeof(name), "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	snprintf(left, sizeof(left), "  %-22s ", name);
	buf_addstr(&help, o->help);
	if (o->fallback)
		buf_addf(&help, " (default: %s)", o->fallback);
	text_wrap(out, left, buf_str(&help), HELP_WIDTH);
	out->failed |= help.failed;
	buf_release(&help);
}

/* 1, as options_parse returns it, or -1. */
static int print_help(const struct cli *cli, struct err *err)
{
	static const struct option this_text = {.name = "help", .help = "this text"};
	struct buf out = BUF_INIT;
	int rc;

	buf_addf(&out, "Examples:\n%s\nUsage: %s%s%s%s\n\n", cli->examples, cli->name,
		 cli->options ? " [OPTION…]" : "", cli->words ? " " : "",
		 cli->words ? cli->words : "");
	text_reflow(&out, cli->about, HELP_WIDTH);
	buf_addstr(&out, "\nOptions:\n");
	for (const struct option *o = cli->options; o && o->name; o++)
		add_option_help(&out, o);
	add_option_help(&out, &this_text);
	rc = buf_print(&out, stdout, err);
	buf_release(&out);
	return rc < 0 ? -1 : 1;
}

static int list_add(struct text_list *list, const char *text, const char *what, struct err *err)
{
	if (list->count == LIST_MAX)
		return err_set(err, EXIT_USAGE, "%s: more than %d are not possible", what,
			       LIST_MAX);
	list->item[list->count++] = text;
	return 0;
}

static int apply(const struct option *o, const char *text, void *target, struct err *err)
{
	void *member = (char *)target + o->offset;
	char what[64];

	snprintf(what, sizeof(what), "--%s", o->name);
	switch (o->kind) {
	case OPT_FLAG:
		*(bool *)member = true;
		return 0;
	case OPT_TEXT:
		*(const char **)member = text;
		return 0;
	case OPT_LIST:
		return list_add(member, text, what, err);
	case OPT_PAIR: /* its second word is taken by the caller */
		((struct text_pair *)member)->item[0] = text;
		return 0;
	case OPT_COUNT:
		return parse_u64(text, what, o->min, o->max, member, err);
	case OPT_SIZE:
		return parse_size(text, what, o->min, o->max, member, err);
	case OPT_DURATION:
		return parse_duration_ns(text, what, o->min, o->max, member, err);
	}
	return err_set(err, EXIT_INTERNAL, "%s: unknown kind of option", what);
}

static const struct option *find(const struct option *options, const char *name, size_t len)
{
	for (const struct option *o = options; o && o->name; o++)
		if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

static int unknown_option(const struct cli *cli, const char *name, size_t len, struct err *err)
{
	struct nearest near;

	nearest_init(&near, name, len);
	for (const struct option *o = cli->options; o && o->name; o++)
		nearest_offer(&near, o->name);
	if (near.best)
		return err_set(err, EXIT_USAGE,
			       "there is no option --%.*s (did you mean --%s? see %s --help)",
			       (int)len, name, near.best, cli->name);
	return err_set(err, EXIT_USAGE, "there is no option --%.*s (see %s --help)", (int)len, name,
		       cli->name);
}

/* Handles argv[*i], which begins with two dashes; moves *i over a value in the next word. */
static int parse_option(const struct cli *cli, int argc, char **argv, int *i, void *target,
			struct err *err)
{
	const char *name = argv[*i] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const struct option *o = find(cli->options, name, len);

	if (!o)
		return unknown_option(cli, name, len, err);
	if (value)
		value++;
	if (!o->arg && value)
		return err_set(err, EXIT_USAGE, "--%s takes no value", o->name);
	if (o->arg && !value) {
		if (*i + 1 >= argc)
			return err_set(err, EXIT_USAGE, "--%s needs a value: --%s %s", o->name,
				       o->name, o->arg);
		value = argv[++*i];
	}
	if (o->kind == OPT_PAIR) {
		if (*i + 1 >= argc)
			return err_set(err, EXIT_USAGE, "--%s needs two values: --%s %s", o->name,
				       o->name, o->arg);
		((struct text_pair *)((char *)target + o->offset))->item[1] = argv[++*i];
	}
	return apply(o, value, target, err);
}

static int apply_fallbacks(const struct option *options, void *target, struct err *err)
{
	for (const struct option *o = options; o && o->name; o++)
		if (o->fallback && apply(o, o->fallback, target, err) < 0)
			return -1;
	return 0;
}

static int no_such_name(const struct option *options, const char *word, struct err *err)
{
	struct buf names = BUF_INIT;

	for (const struct option *o = options; o->name; o++)
		buf_addf(&names, "%s%s=%s", names.len ? ", " : "", o->name, o->arg);
	err_set(err, EXIT_USAGE, "\"%.80s\": it has %s%s", word,
		names.len ? "the options " : "no options", buf_str(&names));
	buf_release(&names);
	return -1;
}

int options_set(const struct option *options, const struct text_list *words, void *target,
		struct err *err)
{
	if (apply_fallbacks(options, target, err) < 0)
		return -1;
	for (size_t i = 0; words && i < words->count; i++) {
		const char *word = words->item[i], *value = strchr(word, '=');
		const struct option *o = value ? find(options, word, (size_t)(value - word)) : NULL;

		if (!o)
			return no_such_name(options, word, err);
		if (apply(o, value + 1, target, err) < 0)
			return -1;
	}
	return 0;
}

int options_parse(const struct cli *cli, int argc, char **argv, void *target,
		  struct text_list *words, struct err *err)
{
	bool only_words = false;

	if (apply_fallbacks(cli->options, target, err) < 0)
		return -1;
	for (int i = 1; i < argc; i++) {
		if (!only_words && strcmp(argv[i], "--help") == 0)
			return print_help(cli, err);
		if (!only_words && strcmp(argv[i], "--") == 0)
			only_words = true;
		else if (!only_words && strncmp(argv[i], "--", 2) == 0) {
			if (parse_option(cli, argc, argv, &i, target, err) < 0)
				return -1;
		} else if (list_add(words, argv[i], "arguments", err) < 0)
			return -1;
	}
	if (words->count > cli->max_words)
		return err_set(err, EXIT_USAGE, "\"%s\" is one argument too many (see %s --help)",
			       words->item[cli->max_words], cli->name);
	if (words->count < cli->min_words)
		return err_set(err, EXIT_USAGE, "%s is missing (see %s --help)", cli->words,
			       cli->name);
	return 0;
}
