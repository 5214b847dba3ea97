/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is configured becomes words of a command line. */
#include <stdlib.h>
#include <string.h>

#include "bench/config/config.h"
#include "bench/plan/profile.h"

#define PROFILE "profile"

static const struct option *profile_option(const struct command *command)
{
	return option_find(command->cli->options, PROFILE, strlen(PROFILE));
}

/* ---- profiles ---- */

/* Those that are built in, and those of the configuration. */
static int no_such_profile(const struct config *c, const char *what, const char *name,
			   struct err *err)
{
	size_t size = c->count + PROFILE_NAMES, count;
	const char **names = calloc(size, sizeof(*names));
	const struct config_entry *e;

	if (!names)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	count = profile_names(names, size);
	for (size_t i = 0; (e = config_own_profile(c, i)); i++)
		if (!profile_is_known(e->name))
			names[count++] = e->name;
	(void)choice_find(what, name, names, err);
	free(names);
	return -1;
}

int config_profile(const struct config *c, const struct command *command, const char *asked,
		   const char **profile, struct err *err)
{
	const struct config_use use = {.config = c, .command = command};
	const struct config_entry *e = asked ? NULL : config_find(&use, PROFILE);
	bool own;

	*profile = asked ? asked : e ? e->value : NULL;
	if (!profile_option(command))
		*profile = NULL;
	if (!*profile)
		return 0;
	config_base(c, *profile, &own);
	if (own || profile_is_known(*profile))
		return 0;
	if (!e)
		return no_such_profile(c, "--" PROFILE, *profile, err);
	no_such_profile(c, PROFILE, *profile, err);
	return err_context(err, "%s:%d", c->file[e->file].path, e->line);
}

/* ---- words ---- */

struct expansion {
	struct config_use use;
	const char **given; /* as in struct config_use */
	size_t givens;
	const char *asked;	 /* the profile on the command line; NULL: none */
	bool replaced;		 /* the profile is said by us */
	bool from[CONFIG_FILES]; /* files that something is from */
	struct words *words;
};

bool config_is_wanted(const struct command *command, int argc, char **argv)
{
	struct option_walk walk = {.cli = command->cli, .argc = argc, .argv = argv, .next = 1};
	struct option_word word;
	struct err none;
	int more;

	while ((more = options_walk(&walk, &word, &none)) > 0)
		if (word.help)
			return false;
	return more == 0 && config_applies(command);
}

static void look_at_words(struct expansion *x, int argc, char **argv)
{
	struct option_walk walk = {
		.cli = x->use.command->cli, .argc = argc, .argv = argv, .next = 1};
	const struct option *profile = profile_option(x->use.command);
	struct option_word word;
	struct err none;

	while (options_walk(&walk, &word, &none) > 0) {
		if (!word.option)
			continue;
		x->given[x->givens++] = word.option->name;
		if (word.option == profile)
			x->asked = word.value;
	}
}

static int add_value(struct expansion *x, const struct option *o, const struct config_entry *e,
		     struct err *err)
{
	const char *blank = strpbrk(e->value, " \t");

	x->from[e->file] = true;
	if (o->kind == OPT_FLAG)
		return strcmp(e->value, "yes") == 0 ? words_add(x->words, err, "--%s", o->name) : 0;
	if (o->kind != OPT_PAIR || !blank)
		return words_add(x->words, err, "--%s=%s", o->name, e->value);
	if (words_add(x->words, err, "--%s=%.*s", o->name, (int)(blank - e->value), e->value) < 0)
		return -1;
	return words_add(x->words, err, "%s", blank + strspn(blank, " \t"));
}

static int add_option(struct expansion *x, const struct option *o, struct err *err)
{
	const struct config_entry *e = config_find(&x->use, o->name);

	for (; e; e = config_next(x->use.config, e))
		if (add_value(x, o, e, err) < 0)
			return -1;
	return 0;
}

/* The files that the chosen profile is from, as that or by its name. */
static void mark_profile(struct expansion *x)
{
	const struct config *c = x->use.config;
	const struct config_entry *chosen = config_find(&x->use, PROFILE);

	if (chosen)
		x->from[chosen->file] = true;
	for (size_t i = 0; i < c->count; i++)
		if (c->entry[i].scope == CONFIG_PROFILE &&
		    strcmp(c->entry[i].name, x->use.profile) == 0)
			x->from[c->entry[i].file] = true;
}

/* The built-in one in place of the chosen one. */
static int add_profile(struct expansion *x, struct err *err)
{
	const char *name = x->use.profile, *base;
	bool own;

	if (!name)
		return 0;
	base = config_base(x->use.config, name, &own);
	x->replaced = own || !x->asked;
	if (!x->replaced)
		return 0;
	mark_profile(x);
	return base ? words_add(x->words, err, "--" PROFILE "=%s", base) : 0;
}

static int add_configured(struct expansion *x, struct err *err)
{
	const struct option *profile = profile_option(x->use.command), *o;

	if (profile && add_profile(x, err) < 0)
		return -1;
	for (size_t i = 0; (o = config_option(x->use.command->cli, i)); i++)
		if (o != profile && add_option(x, o, err) < 0)
			return -1;
	return 0;
}

/* All but a profile that is said already. */
static int add_users(struct expansion *x, int argc, char **argv, struct err *err)
{
	struct option_walk walk = {
		.cli = x->use.command->cli, .argc = argc, .argv = argv, .next = 1};
	const struct option *profile = profile_option(x->use.command);
	struct option_word word;

	while (options_walk(&walk, &word, err) > 0)
		for (int i = word.first; i < walk.next; i++)
			if ((!x->replaced || word.option != profile) &&
			    words_add(x->words, err, "%s", argv[i]) < 0)
				return -1;
	return 0;
}

/* ---- what is said of it ---- */

static bool is_named_before(const struct config *c, const struct config_entry *entry)
{
	for (const struct config_entry *e = c->entry; e < entry; e++)
		if (e->scope == entry->scope && strcmp(e->name, entry->name) == 0 &&
		    strcmp(e->key, entry->key) == 0)
			return true;
	return false;
}

/* What the profile sets beyond what the command takes. */
static void add_left_out(const struct config_use *use, struct buf *said)
{
	const char *separator = "; not taken by this command: ";

	for (size_t i = 0; use->profile && i < use->config->count; i++) {
		const struct config_entry *e = &use->config->entry[i];

		if (e->scope != CONFIG_PROFILE || strcmp(e->name, use->profile) != 0 || !*e->key ||
		    strcmp(e->key, "base") == 0 || is_named_before(use->config, e) ||
		    config_option_find(use->command->cli, e->key))
			continue;
		buf_addf(said, "%s--%s", separator, e->key);
		separator = ", ";
	}
}

static void say(const struct expansion *x, size_t first, size_t count, struct buf *said)
{
	const struct config *c = x->use.config;
	const struct words configured = {.item = x->words->item + first, .count = count};
	const char *separator = " (";

	buf_addstr(said, "configured: ");
	words_format(&configured, said);
	for (size_t i = c->files; i-- > 0;)
		if (x->from[i]) {
			buf_addf(said, "%s%s", separator, c->file[i].path);
			separator = ", ";
		}
	add_left_out(&x->use, said);
	buf_addf(said, "; see nestbench config %s)", x->use.command->name);
}

static bool any_file(const struct expansion *x)
{
	bool any = false;

	for (size_t i = 0; i < CONFIG_FILES; i++)
		any |= x->from[i];
	return any;
}

static int expand(struct expansion *x, int argc, char **argv, struct buf *said, struct err *err)
{
	const struct command *command = x->use.command;
	size_t first;

	if (config_profile(x->use.config, command, x->asked, &x->use.profile, err) < 0 ||
	    words_add(x->words, err, "%s", argv[0]) < 0)
		return -1;
	first = x->words->count;
	if (add_configured(x, err) < 0)
		return -1;
	if (!any_file(x)) {
		words_release(x->words);
		return 0;
	}
	if (profile_option(command))
		say(x, first, x->words->count - first, said);
	return add_users(x, argc, argv, err);
}

int config_expand(const struct config *c, const struct command *command, int argc, char **argv,
		  struct words *words, struct buf *said, struct err *err)
{
	struct expansion x = {.use = {.config = c, .command = command}, .words = words};
	int done;

	x.given = calloc((size_t)argc + 1, sizeof(*x.given));
	if (!x.given)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	x.use.given = x.given;
	look_at_words(&x, argc, argv);
	done = expand(&x, argc, argv, said, err);
	free(x.given);
	if (done < 0)
		words_release(words);
	return done;
}
