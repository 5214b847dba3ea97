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

static int parse_flag(const char *text, const char *what, bool *flag, struct err *err)
{
	bool yes = !text || strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0)
		return err_set(err, EXIT_USAGE, "%s: \"%s\" is neither yes nor no", what, text);
	*flag = yes;
	return 0;
}

/* Parses text, NULL of a flag without a value, into a member of an options struct. */
static int parse_value(const struct option *o, const char *text, const char *what, void *member,
		       struct err *err)
{
	switch (o->kind) {
	case OPT_FLAG:
		return parse_flag(text, what, member, err);
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

static int apply(const struct option *o, const char *text, void *target, struct err *err)
{
	char what[64];

	snprintf(what, sizeof(what), "--%s", o->name);
	return parse_value(o, text, what, (char *)target + o->offset, err);
}

int option_check(const struct option *o, const char *text, const char *what, struct err *err)
{
	uint64_t number;
	bool flag;

	if (o->kind == OPT_FLAG)
		return parse_flag(text, what, &flag, err);
	return o->kind >= OPT_COUNT ? parse_value(o, text, what, &number, err) : 0;
}

const struct option *option_find(const struct option *options, const char *name, size_t len)
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

static int needs_value(const struct option *o, const char *how_many, struct err *err)
{
	return err_set(err, EXIT_USAGE, "--%s needs %s: --%s %s", o->name, how_many, o->name,
		       o->arg);
}

/* Takes the option that the word at walk->next, which begins with two dashes, names. */
static int take_option(struct option_walk *walk, struct option_word *word, struct err *err)
{
	const char *name = walk->argv[walk->next++] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const struct option *o = option_find(walk->cli->options, name, len);

	if (!o)
		return unknown_option(walk->cli, name, len, err);
	word->option = o;
	if (value)
		word->value = value + 1;
	else if (o->arg && walk->next < walk->argc)
		word->value = walk->argv[walk->next++];
	else if (o->arg)
		return needs_value(o, "a value", err);
	if (o->kind != OPT_PAIR)
		return 1;
	if (walk->next >= walk->argc)
		return needs_value(o, "two values", err);
	word->second = walk->argv[walk->next++];
	return 1;
}

int options_walk(struct option_walk *walk, struct option_word *word, struct err *err)
{
	const char *text = walk->next < walk->argc ? walk->argv[walk->next] : NULL;

	*word = (struct option_word){.first = walk->next};
	if (!text)
		return 0;
	if (!walk->only_words && strncmp(text, "--", 2) == 0) {
		word->help = strcmp(text, "--help") == 0;
		walk->only_words = !text[2];
		if (!word->help && !walk->only_words)
			return take_option(walk, word, err);
	} else {
		word->value = text;
	}
	walk->next++;
	return 1;
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
		const struct option *o =
			value ? option_find(options, word, (size_t)(value - word)) : NULL;

		if (!o)
			return no_such_name(options, word, err);
		if (apply(o, value + 1, target, err) < 0)
			return -1;
	}
	return 0;
}

static int apply_word(const struct option_word *word, void *target, struct text_list *words,
		      struct err *err)
{
	const struct option *o = word->option;

	if (!o)
		return word->value ? list_add(words, word->value, "arguments", err) : 0;
	if (o->kind == OPT_PAIR)
		((struct text_pair *)((char *)target + o->offset))->item[1] = word->second;
	return apply(o, word->value, target, err);
}

int options_parse(const struct cli *cli, int argc, char **argv, void *target,
		  struct text_list *words, struct err *err)
{
	struct option_walk walk = {.cli = cli, .argc = argc, .argv = argv, .next = 1};
	struct option_word word;
	int more;

	if (apply_fallbacks(cli->options, target, err) < 0)
		return -1;
	while ((more = options_walk(&walk, &word, err)) > 0) {
		if (word.help)
			return print_help(cli, err);
		if (apply_word(&word, target, words, err) < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (words->count > cli->max_words)
		return err_set(err, EXIT_USAGE, "\"%s\" is one argument too many (see %s --help)",
			       words->item[cli->max_words], cli->name);
	if (words->count < cli->min_words)
		return err_set(err, EXIT_USAGE, "%s is missing (see %s --help)", cli->words,
			       cli->name);
	return 0;
}
