/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What holds, and where it is from. */
#include <string.h>

#include "bench/config/config.h"
#include "lib/json.h"

static const char *section_of(const struct config_entry *e)
{
	return e->scope == CONFIG_PROFILE ? "profile " : "";
}

/* "./nestbench.ini:3 [profile night]". */
static void add_place(struct buf *out, const struct config *c, const struct config_entry *e)
{
	buf_addf(out, "%s:%d [%s%s]", c->file[e->file].path, e->line, section_of(e),
		 e->scope == CONFIG_ALL ? "default" : e->name);
}

static const struct config_entry *next_value(const struct config *c, const struct config_entry *e)
{
	return e ? config_next(c, e) : NULL;
}

/* What holds where an option is not configured; NULL: the command decides, or does without. */
static const char *default_of(const struct option *o)
{
	return o->kind == OPT_FLAG ? "no" : o->fallback;
}

/* ---- text ---- */

static void add_option(struct buf *out, const struct config_use *use, const struct option *o)
{
	const struct config_entry *e = config_find(use, o->name);
	const char *left = o->name;

	if (!e)
		buf_addf(out, "  %-16s %-20s default\n", left, default_of(o) ? default_of(o) : "-");
	for (; e; e = next_value(use->config, e)) {
		buf_addf(out, "  %-16s %-20s ", left, e->value);
		add_place(out, use->config, e);
		buf_addstr(out, "\n");
		left = "";
	}
}

static bool is_any_configured(const struct config_use *use)
{
	const struct option *o;

	for (size_t i = 0; (o = config_option(use->command->cli, i)); i++)
		if (config_find(use, o->name))
			return true;
	return false;
}

/* all: also the options that are not configured. */
static void add_command(struct buf *out, const struct config_use *use, bool all)
{
	const struct option *o;

	if (!all && !is_any_configured(use))
		return;
	buf_addf(out, "\n%s", use->command->cli->name);
	if (use->profile)
		buf_addf(out, ", profile %s", use->profile);
	buf_addstr(out, "\n");
	for (size_t i = 0; (o = config_option(use->command->cli, i)); i++)
		if (all || config_find(use, o->name))
			add_option(out, use, o);
}

static void add_files(struct buf *out, const struct config *c)
{
	if (c->files == 0)
		buf_addf(out, "no file is read (%s=none)\n", CONFIG_VARIABLE);
	for (size_t i = 0; i < c->files; i++)
		buf_addf(out, "%s: %s\n", c->file[i].path, c->file[i].read ? "read" : "not there");
}

static void add_profiles(struct buf *out, const struct config *c)
{
	const struct config_entry *e;
	bool own;

	for (size_t i = 0; (e = config_own_profile(c, i)); i++) {
		const char *base = config_base(c, e->name, &own);

		buf_addf(out, "profile %s: ", e->name);
		if (base)
			buf_addf(out, "builds on %s, ", base);
		buf_addf(out, "%s:%d\n", c->file[e->file].path, e->line);
	}
}

/* ---- JSON ---- */

static json_t *bytes_or_null(const char *text)
{
	return text ? json_bytes(text) : json_null();
}

static json_t *with_place(json_t *object, const struct config *c, const struct config_entry *e)
{
	object = json_with(object, "file", bytes_or_null(e ? c->file[e->file].path : NULL));
	return json_with(object, "line", e ? json_integer(e->line) : json_null());
}

static json_t *section_json(const struct config_entry *e)
{
	return e ? json_sprintf("%s%s", section_of(e), e->scope == CONFIG_ALL ? "default" : e->name)
		 : json_null();
}

static json_t *option_json(const struct config_use *use, const struct option *o)
{
	const struct config_entry *first = config_find(use, o->name);
	json_t *values = json_array(), *json = json_object();

	for (const struct config_entry *e = first; e; e = config_next(use->config, e))
		values = json_and(values, json_bytes(e->value));
	if (!first && default_of(o))
		values = json_and(values, json_bytes(default_of(o)));
	json = json_with(json, "option", json_string(o->name));
	json = json_with(json, "values", values);
	json = with_place(json, use->config, first);
	return json_with(json, "section", section_json(first));
}

static json_t *command_json(const struct config_use *use)
{
	json_t *options = json_array(), *json = json_object();
	const struct option *o;

	for (size_t i = 0; (o = config_option(use->command->cli, i)); i++)
		options = json_and(options, option_json(use, o));
	json = json_with(json, "command", json_string(use->command->name));
	json = json_with(json, "profile", bytes_or_null(use->profile));
	return json_with(json, "options", options);
}

static json_t *files_json(const struct config *c)
{
	json_t *files = json_array();

	for (size_t i = 0; i < c->files; i++) {
		json_t *json = json_with(json_object(), "path", json_bytes(c->file[i].path));

		files = json_and(files, json_with(json, "read", json_boolean(c->file[i].read)));
	}
	return files;
}

static json_t *profiles_json(const struct config *c)
{
	json_t *profiles = json_array(), *json;
	const struct config_entry *e;
	bool own;

	for (size_t i = 0; (e = config_own_profile(c, i)); i++) {
		json = json_with(json_object(), "name", json_string(e->name));
		json = json_with(json, "base", bytes_or_null(config_base(c, e->name, &own)));
		profiles = json_and(profiles, with_place(json, c, e));
	}
	return profiles;
}

/* ---- both ---- */

/* Calls one of the two for each command that is shown. */
static int each_command(const struct config *c, const struct config_shown *shown, struct buf *text,
			json_t **json, struct err *err)
{
	for (const struct command *cmd = c->commands; cmd->name; cmd++) {
		struct config_use use = {.config = c, .command = cmd};

		if (!config_applies(cmd) || (shown->command && cmd != shown->command))
			continue;
		if (config_profile(c, cmd, shown->profile, &use.profile, err) < 0)
			return -1;
		if (json)
			*json = json_and(*json, command_json(&use));
		else
			add_command(text, &use, shown->command != NULL);
	}
	return 0;
}

int config_show(const struct config *c, const struct config_shown *shown, struct buf *out,
		struct err *err)
{
	add_files(out, c);
	add_profiles(out, c);
	return each_command(c, shown, out, NULL, err) < 0 ? -1 : buf_check(out, err);
}

int config_show_json(const struct config *c, const struct config_shown *shown, struct buf *out,
		     struct err *err)
{
	json_t *list = json_array(), *json = json_object();

	if (each_command(c, shown, NULL, &list, err) < 0) {
		json_decref(list);
		json_decref(json);
		return -1;
	}
	json = json_with(json, "files", files_json(c));
	json = json_with(json, "profiles", profiles_json(c));
	return json_write_answer("config", 1, json_with(json, "commands", list), out, err);
}
