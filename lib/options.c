/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lib/options.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/nearest.h"
#include "lib/parse.h"
#include "lib/streams.h"
#include "lib/wrap.h"

/* Columns that a text behind a name must have. */
enum { WORTH_READING = 38 };

static const char *const colour_names[] = {
	[COLOUR_AUTO] = "auto", [COLOUR_ALWAYS] = "always", [COLOUR_NEVER] = "never", NULL};

const struct option options_common[] = {
	{"color", OPT_TEXT, 0, "WHEN", "auto",
	 .help = "always, never, or auto: on a terminal, unless NO_COLOR is set or TERM is dumb",
	 .choices = colour_names},
	{"help", .help = "this text"},
	{0},
};
static const struct option *const option_colour = &options_common[0];
static const struct option *const option_help = &options_common[1];

void help_row(size_t width, int column, const char *name, const char *text, struct buf *out)
{
	bool narrow = width < (size_t)column + WORTH_READING;
	bool above = narrow || text_columns(name) > (size_t)column;
	struct buf indent = BUF_INIT, left = BUF_INIT;

	buf_addf(&indent, "  %.*s", (int)strspn(name, " "), name);
	if (above)
		text_wrap(out, buf_str(&indent), name, width);
	buf_done(&indent, out);
	buf_addf(&left, "  %s%*s ", above ? "" : name,
		 narrow ? 1 : column - (above ? 0 : (int)text_columns(name)), "");
	text_wrap(out, buf_str(&left), text, width);
	buf_done(&left, out);
}

static void add_option_help(struct buf *out, const struct option *o)
{
	struct buf name = BUF_INIT, help = BUF_INIT;

	buf_addf(&name, "--%s%s%s", o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	buf_addstr(&help, o->help);
	if (o->fallback)
		buf_addf(&help, " (default: %s)", o->fallback);
	help_row(tty_text_width(1), 22, buf_str(&name), buf_str(&help), out);
	buf_done(&name, out);
	buf_done(&help, out);
}

void help_heading(int fd, const char *text, struct buf *out)
{
	buf_addf(out, "%s%s:%s\n", tty_ink(fd, INK_BOLD), text, tty_ink(fd, INK_NONE));
}

static void add_options_help(const struct option *options, const char *heading, struct buf *out)
{
	for (const struct option *o = options; o && o->name; o++) {
		if (o == options || o->group) {
			buf_addstr(out, "\n");
			help_heading(1, o->group ? o->group : heading, out);
		}
		add_option_help(out, o);
	}
}

void options_help(const struct cli *cli, struct buf *out)
{
	help_heading(1, "Examples", out);
	buf_addf(out, "%s\n%sUsage:%s %s%s%s%s\n\n", cli->examples, tty_ink(1, INK_BOLD),
		 tty_ink(1, INK_NONE), cli->name, cli->options ? " [OPTION…]" : "",
		 cli->words ? " " : "", cli->words ? cli->words : "");
	text_reflow(out, cli->about, tty_text_width(1));
	add_options_help(cli->options, "Options", out);
	add_options_help(options_common, "Common options", out);
}

/* 1, as options_parse returns it, or -1. */
static int print_help(const struct cli *cli, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc;

	options_help(cli, &out);
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
	if (o->choices && choice_find(what, text, o->choices, err) < 0)
		return -1;
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

/* dashes stand before its name in errors. */
static int apply(const struct option *o, const char *dashes, const char *text, void *target,
		 struct err *err)
{
	char what[64];

	snprintf(what, sizeof(what), "%s%s", dashes, o->name);
	return parse_value(o, text, what, (char *)target + o->offset, err);
}

int option_check(const struct option *o, const char *text, const char *what, struct err *err)
{
	uint64_t number;
	bool flag;

	if (o->kind == OPT_FLAG)
		return parse_flag(text, what, &flag, err);
	if (o->choices)
		return choice_find(what, text, o->choices, err) < 0 ? -1 : 0;
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
	for (const struct option *o = options_common; o->name; o++)
		nearest_offer(&near, o->name);
	if (near.best)
		return err_set(err, EXIT_USAGE,
			       "there is no option --%.*s (did you mean --%s? see %s --help)",
			       (int)len, name, near.best, cli->name);
	return err_set(err, EXIT_USAGE, "there is no option --%.*s (see %s --help)", (int)len, name,
		       cli->name);
}

static int obey_colour(const char *when, struct err *err)
{
	int i = choice_find("--color", when, colour_names, err);

	if (i >= 0)
		tty_colour((enum colour_when)i);
	return i < 0 ? -1 : 0;
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
	const struct option *own = option_find(walk->cli->options, name, len);
	const struct option *o = own ? own : option_find(options_common, name, len);

	if (!o)
		return unknown_option(walk->cli, name, len, err);
	word->option = o;
	if (value)
		word->value = value + 1;
	else if (o->missing && (walk->next >= walk->argc || walk->argv[walk->next][0] == '-'))
		word->value = o->missing;
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
		if (o->fallback && apply(o, "", o->fallback, target, err) < 0)
			return -1;
	return 0;
}

static int no_such_name(const struct option *options, const char *word, struct err *err)
{
	struct buf names = BUF_INIT;
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, word, strcspn(word, "="));
	for (const struct option *o = options; o->name; o++) {
		nearest_offer(&near, o->name);
		buf_addf(&names, "%s%s=%s", names.len ? ", " : "", o->name, o->arg);
	}
	err_set(err, EXIT_USAGE, "\"%.80s\": it has %s%s%s", word,
		names.len ? "the options " : "no options", buf_str(&names),
		nearest_hint(&near, " (", ")", hint));
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
		if (apply(o, "", value + 1, target, err) < 0)
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
	if (o == option_colour)
		return obey_colour(word->value, err);
	if (o == option_help)
		return err_set(err, EXIT_USAGE, "--help takes no value");
	if (o->kind == OPT_PAIR)
		((struct text_pair *)((char *)target + o->offset))->item[1] = word->second;
	return apply(o, "--", word->value, target, err);
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
	if (cli->word_choices && words->count &&
	    choice_find("argument", words->item[0], cli->word_choices, err) < 0)
		return -1;
	return 0;
}
