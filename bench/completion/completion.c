/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/completion/completion.h"

#include <string.h>

#include "bench/completion/layers.h"
#include "bench/completion/values.h"
#include "bench/completion/work.h"
#include "bench/help/help.h"
#include "workloads/nestkernel/kernel_options.h"

/* What the words before the cursor leave open. */
struct stand {
	const struct option *wants; /* the cursor is in its value; NULL: in a word or an option */
	bool only_words;	    /* "--" was there */
	const char *word[COMPLETION_WORDS]; /* those beside the options */
	size_t words;
};

/* Its own ones, and those that every command has. */
static const struct option *find(const struct cli *cli, const char *name, size_t len)
{
	const struct option *own = option_find(cli->options, name, len);

	return own ? own : option_find(options_common, name, len);
}

static size_t values_of(const struct option *o)
{
	return !o || !o->arg ? 0 : o->kind == OPT_PAIR ? 2 : 1;
}

/* before: the words between the command and the cursor. */
static void walk(const struct cli *cli, const char *const *before, size_t count, struct stand *s)
{
	for (size_t i = 0; i < count; i++) {
		const char *name = before[i] + 2;
		size_t len, values;

		if (s->only_words || strncmp(before[i], "--", 2) != 0) {
			if (s->words < COMPLETION_WORDS)
				s->word[s->words++] = before[i];
			continue;
		}
		s->only_words = !*name;
		len = strcspn(name, "=");
		values = values_of(find(cli, name, len));
		if (values && name[len])
			values--;
		s->wants = i + values >= count ? find(cli, name, len) : NULL;
		if (!values)
			s->wants = NULL;
		i += values;
	}
}

static void offer(struct offers *o, const char *const *choices, enum value_kind kind)
{
	if (!choices && kind == VALUE_LAYERS)
		offer_layers(o);
	else
		offer_value(o, choices, kind);
}

static bool is_given(const char *const *before, size_t count, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (strncmp(before[i], "--", 2) == 0 && strncmp(before[i] + 2, name, len) == 0 &&
		    (!before[i][2 + len] || before[i][2 + len] == '='))
			return true;
	return false;
}

static void offer_options(struct offers *o, const struct option *options, const char *const *before,
			  size_t count)
{
	for (const struct option *p = options; p && p->name; p++)
		if (p->kind == OPT_LIST || !is_given(before, count, p->name))
			offers_add(o, "--", p->name, p->help);
}

static void offer_all_options(struct offers *o, const struct cli *cli, const char *const *before,
			      size_t count)
{
	offer_options(o, cli->options, before, count);
	offer_options(o, options_common, before, count);
}

/* Behind "--NAME=". */
static void offer_value_of(struct offers *o, const struct cli *cli, const char *name, size_t len)
{
	static const char *const flag[] = {"yes", "no", NULL};
	const struct option *option = find(cli, name, len);

	if (option && option->arg)
		offer(o, option->choices, option->value);
	else if (option && option_find(cli->options, name, len))
		offers_add_choices(o, flag);
}

/* A word beside the options. */
static void offer_word(struct offers *o, const struct cli *cli, const struct stand *s)
{
	if (s->words >= cli->max_words)
		return;
	if (cli->word == VALUE_WORK_WORDS && s->words)
		offer_param(o, s->word[0], s->word + 1, s->words - 1);
	else
		offer(o, s->words == 0 ? cli->word_choices : NULL, cli->word);
}

/* before: the words between the command and the cursor. */
static void find_in(const struct cli *cli, const char *const *before, size_t count,
		    struct offers *o)
{
	struct stand s = {.wants = NULL};
	size_t name = strcspn(o->word, "=");

	walk(cli, before, count, &s);
	for (size_t i = 0; cli->behind && s.only_words && i < count; i++)
		if (strcmp(before[i], "--") == 0) {
			find_in(cli->behind, before + i + 1, count - i - 1, o);
			return;
		}
	if (!s.wants && !s.only_words && strncmp(o->word, "--", 2) == 0 && o->word[name]) {
		o->before = name + 1;
		offer_value_of(o, cli, o->word + 2, name - 2);
	} else if (s.wants) {
		offer(o, s.wants->choices, s.wants->value);
	} else if (!s.only_words && *o->word == '-') {
		offer_all_options(o, cli, before, count);
	} else {
		offer_word(o, cli, &s);
		if (!*o->word && !s.only_words && o->by == OFFERS_WORDS && !o->lines.len)
			offer_all_options(o, cli, before, count);
	}
}

/* The first word. */
static void offer_first(struct offers *o)
{
	offer_value(o, NULL, VALUE_COMMAND);
	offers_add(o, "help", "", cli_help.about);
	if (*o->word == '-') {
		offers_add(o, "--help", "", "the commands");
		offers_add(o, "--version", "", "the version");
	}
}

static void offer_help(struct offers *o, size_t words)
{
	if (words > cli_help.max_words)
		return;
	offer_first(o);
	for (const struct topic *t = topics; t->name; t++)
		offers_add(o, t->name, "", t->summary);
}

void completion_find(const struct command *table, const char *const *words, size_t count,
		     struct offers *out)
{
	const char *slash = strrchr(words[0], '/');
	const struct command *c = table;

	*out = (struct offers){.table = table, .word = words[count - 1]};
	if (count < 2 || !offers_can_hold(out->word))
		return;
	if (strncmp(slash ? slash + 1 : words[0], "nestkernel", strlen("nestkernel")) == 0) {
		find_in(&cli_nestkernel, words + 1, count - 2, out);
		return;
	}
	if (count == 2) {
		offer_first(out);
		return;
	}
	if (strcmp(words[1], "help") == 0) {
		offer_help(out, count - 2);
		return;
	}
	while (c->name && (!c->group || strcmp(c->name, words[1]) != 0))
		c++;
	if (c->name)
		find_in(c->cli, words + 2, count - 3, out);
}
