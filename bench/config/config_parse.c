/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One file: every section, key and value is checked, whichever command is started. */
#include <stdlib.h>
#include <string.h>

#include "bench/config/config.h"
#include "bench/plan/profile.h"
#include "lib/array.h"
#include "lib/ini/inifile.h"
#include "lib/nearest.h"
#include "lib/str.h"

enum { ENTRIES_MAX = 2000 };

#define SECTIONS "[default], [COMMAND] or [profile NAME]"
#define BASE "base"

static const char profile_section[] = "profile ";

struct reading {
	struct config *c;
	struct config_entry section; /* its scope, name and file */
};

/* ---- sections ---- */

static int add(struct reading *r, const char *key, const char *value, int line, struct err *err)
{
	struct config *c = r->c;
	struct config_entry *grown, *e;

	if (c->count == ENTRIES_MAX)
		return err_set(err, EXIT_USAGE, "more than %d values are not possible",
			       ENTRIES_MAX);
	if (strlen(value) >= sizeof(e->value))
		return inifile_unexpected(key, value, "fewer characters", err);
	grown = array_grow(c->entry, c->count, sizeof(*grown));
	if (!grown)
		return err_set(err, EXIT_INTERNAL, "out of memory");
	c->entry = grown;
	e = &grown[c->count++];
	*e = r->section;
	e->line = line;
	str_copy(e->key, sizeof(e->key), key);
	str_copy(e->value, sizeof(e->value), value);
	return 0;
}

static int no_such_section(const struct config *c, const char *name, struct err *err)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	nearest_offer(&near, "default");
	for (const struct command *cmd = c->commands; cmd->name; cmd++)
		if (config_applies(cmd))
			nearest_offer(&near, cmd->name);
	return err_set(err, EXIT_USAGE, "there is no section [%s]: expected " SECTIONS "%s", name,
		       nearest_hint(&near, " (", ")", hint));
}

static const struct command *command_of(const struct config *c, const char *name)
{
	for (const struct command *cmd = c->commands; cmd->name; cmd++)
		if (strcmp(cmd->name, name) == 0)
			return cmd;
	return NULL;
}

static int begin_profile(struct reading *r, const char *name, int line, struct err *err)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

	if (!*name || name[strspn(name, letters)] || strlen(name) >= CONFIG_NAME)
		return inifile_unexpected("profile", name,
					  "a name of at most 47 letters, digits, '-', '_' and '.'",
					  err);
	r->section.scope = CONFIG_PROFILE;
	str_copy(r->section.name, CONFIG_NAME, name);
	/* So that it is there without any value, too. */
	return add(r, "", "", line, err);
}

static int begin_section(void *ctx, const char *name, int line, struct err *err)
{
	struct reading *r = ctx;
	const struct command *command = command_of(r->c, name);

	r->section = (struct config_entry){.file = r->section.file};
	if (strncmp(name, profile_section, strlen(profile_section)) == 0)
		return begin_profile(r, name + strlen(profile_section), line, err);
	r->section.scope = command ? CONFIG_COMMAND : CONFIG_ALL;
	if (!command)
		return strcmp(name, "default") == 0 ? 0 : no_such_section(r->c, name, err);
	if (!config_applies(command))
		return err_set(err, EXIT_USAGE, "the command %s cannot be configured", name);
	str_copy(r->section.name, CONFIG_NAME, command->name);
	return 0;
}

/* ---- values ---- */

/* The command whose options a section sets; NULL: all. */
static const struct command *subject(const struct reading *r)
{
	const struct config_entry *s = &r->section;

	return s->scope == CONFIG_ALL	    ? NULL
	       : s->scope == CONFIG_PROFILE ? command_of(r->c, "run")
					    : command_of(r->c, s->name);
}

static bool concerns(const struct reading *r, const struct command *command)
{
	const struct command *only = subject(r);

	return config_applies(command) && (!only || only == command);
}

static int no_such_key(const struct reading *r, const char *key, struct err *err)
{
	const struct command *only = subject(r);
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, key, strlen(key));
	for (const struct command *cmd = r->c->commands; cmd->name; cmd++)
		for (size_t i = 0; concerns(r, cmd) && config_option(cmd->cli, i); i++)
			nearest_offer(&near, config_option(cmd->cli, i)->name);
	if (r->section.scope == CONFIG_PROFILE)
		nearest_offer(&near, BASE);
	return err_set(err, EXIT_USAGE, "%s has no option --%s (%ssee nestbench %s%s--help)",
		       only ? only->cli->name : "no command of nestbench", key,
		       nearest_hint(&near, "", " ", hint), only ? only->name : "", only ? " " : "");
}

/* "A B" of an option that takes two words. */
static int check_pair(const char *value, const char *key, struct err *err)
{
	const char *blank = value + strcspn(value, " \t"), *second = blank + strspn(blank, " \t");

	if (!*second || second[strcspn(second, " \t")])
		return inifile_unexpected(key, value, "two words", err);
	return 0;
}

/* A second value of what is no list, or one behind the empty value that takes all away. */
static int check_single(const struct reading *r, const struct option *o,
			const struct inifile_line *line, struct err *err)
{
	const struct config_entry *s = &r->section;

	for (size_t i = 0; i < r->c->count; i++) {
		const struct config_entry *e = &r->c->entry[i];

		if (e->file != s->file || e->scope != s->scope || strcmp(e->name, s->name) != 0 ||
		    strcmp(e->key, line->key) != 0)
			continue;
		if (!o || o->kind != OPT_LIST || !e->value[0] || !line->value[0])
			return err_set(err, EXIT_USAGE, "%s has a value already, in line %d%s",
				       line->key, e->line,
				       line->continued ? ", with which a line that begins with "
							 "blanks goes on: begin it without them"
						       : "");
	}
	return 0;
}

/* An option of its own that was indented would else be taken for an item of the list before. */
static int check_item(const struct cli *cli, const struct inifile_line *line, struct err *err)
{
	size_t len = strcspn(line->value, " \t=:");
	const char *sign = line->value + len + strspn(line->value + len, " \t");

	if (!line->continued || !*sign || !strchr("=:", *sign) ||
	    !option_find(cli->options, line->value, len))
		return 0;
	return err_set(err, EXIT_USAGE,
		       "a line that begins with blanks goes on with the value of %s: begin %.*s "
		       "without them",
		       line->key, (int)len, line->value);
}

/* For a shell, or a pattern: what looks like a comment may well be a part of it. */
static bool is_code(const struct option *o)
{
	return o->arg && (strcmp(o->arg, "LINE") == 0 || strcmp(o->arg, "REGEX") == 0);
}

static int check_value(const struct option *o, const struct inifile_line *line, struct err *err)
{
	if (line->comment && is_code(o))
		return err_set(err, EXIT_USAGE,
			       "%s: what stands behind a blank and ';' is a comment, and could be "
			       "meant as a part of the value: put it into a line of its own",
			       line->key);
	if (!line->value[0])
		return 0;
	return o->kind == OPT_PAIR ? check_pair(line->value, line->key, err)
				   : option_check(o, line->value, line->key, err);
}

static int take_base(struct reading *r, const struct inifile_line *line, struct err *err)
{
	const char *names[PROFILE_NAMES];

	if (check_single(r, NULL, line, err) < 0)
		return -1;
	profile_names(names, sizeof(names) / sizeof(names[0]));
	if (line->value[0] && choice_find(BASE, line->value, names, err) < 0)
		return -1;
	return add(r, line->key, line->value, line->number, err);
}

static int check_line(const struct reading *r, const struct command *command,
		      const struct option *o, const struct inifile_line *line, struct err *err)
{
	if (check_item(command->cli, line, err) < 0 || check_single(r, o, line, err) < 0)
		return -1;
	if (check_value(o, line, err) == 0)
		return 0;
	return subject(r) ? -1 : err_context(err, "of %s", command->cli->name);
}

static int take_line(void *ctx, const struct inifile_line *line, struct err *err)
{
	struct reading *r = ctx;
	bool known = false, profile = r->section.scope == CONFIG_PROFILE;

	if (profile && strcmp(line->key, BASE) == 0)
		return take_base(r, line, err);
	if (profile && strcmp(line->key, "profile") == 0)
		return err_set(
			err, EXIT_USAGE,
			"profile: a profile names the built-in one that it builds on by " BASE
			" = NAME");
	for (const struct command *cmd = r->c->commands; cmd->name; cmd++) {
		const struct option *o = config_option_find(cmd->cli, line->key);

		if (!o || !concerns(r, cmd))
			continue;
		known = true;
		if (check_line(r, cmd, o, line, err) < 0)
			return -1;
	}
	if (!known)
		return no_such_key(r, line->key, err);
	return add(r, line->key, line->value, line->number, err);
}

int config_parse(struct config *c, FILE *file, const char *path, struct err *err)
{
	static const struct inifile_reader reader = {
		.section = begin_section, .line = take_line, .sections = SECTIONS};
	struct reading r = {.c = c, .section = {.file = c->files}};
	struct config_file *f = &c->file[c->files++];

	str_copy(f->path, sizeof(f->path), path);
	f->read = true;
	return inifile_read(file, path, &reader, &r, err);
}
