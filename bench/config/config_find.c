/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of several values holds. */
#include <string.h>

#include "bench/config/config.h"
#include "bench/plan/profile.h"

bool config_applies(const struct command *command)
{
	return command->group && strcmp(command->name, "config") != 0;
}

const struct option *config_option(const struct cli *cli, size_t i)
{
	const struct option *o = cli->options;

	for (; o && o->name; o++)
		if (i-- == 0)
			return o;
	for (o = options_common; o->name; o++)
		if (strcmp(o->name, "help") != 0 && i-- == 0)
			return o;
	return NULL;
}

const struct option *config_option_find(const struct cli *cli, const char *name)
{
	const struct option *o;

	for (size_t i = 0; (o = config_option(cli, i)); i++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

/* How near to the user a value is; more is nearer. 0: it is none of this use. */
static size_t rank_of(const struct config_use *use, const struct config_entry *e)
{
	bool ours =
		e->scope == CONFIG_ALL ||
		(e->scope == CONFIG_COMMAND && strcmp(e->name, use->command->name) == 0) ||
		(e->scope == CONFIG_PROFILE && use->profile && strcmp(e->name, use->profile) == 0);

	return ours ? e->scope * CONFIG_FILES + e->file + 1 : 0;
}

/* The nearest value, however empty. */
static const struct config_entry *nearest_entry(const struct config_use *use, const char *key)
{
	const struct config_entry *best = NULL;
	size_t rank = 0;

	for (size_t i = 0; i < use->config->count; i++) {
		const struct config_entry *e = &use->config->entry[i];

		if (rank_of(use, e) > rank && strcmp(e->key, key) == 0) {
			best = e;
			rank = rank_of(use, e);
		}
	}
	return best;
}

const struct config_entry *config_next(const struct config *c, const struct config_entry *entry)
{
	for (const struct config_entry *e = entry + 1; e < c->entry + c->count; e++)
		if (e->scope == entry->scope && e->file == entry->file &&
		    strcmp(e->name, entry->name) == 0 && strcmp(e->key, entry->key) == 0)
			return e;
	return NULL;
}

static bool is_given(const struct config_use *use, const char *name)
{
	for (const char *const *given = use->given; given && *given; given++)
		if (strcmp(*given, name) == 0)
			return true;
	return false;
}

/* What excludes an option is on the command line, or configured nearer to the user. */
static bool yields(const struct config_use *use, const struct config_entry *e)
{
	for (const char *const *pair = use->command->cli->rivals; pair && *pair; pair += 2) {
		const char *rival = strcmp(pair[0], e->key) == 0   ? pair[1]
				    : strcmp(pair[1], e->key) == 0 ? pair[0]
								   : NULL;
		const struct config_entry *other = rival ? nearest_entry(use, rival) : NULL;

		if (rival && is_given(use, rival))
			return true;
		if (other && other->value[0] && rank_of(use, other) > rank_of(use, e))
			return true;
	}
	return false;
}

const struct config_entry *config_find(const struct config_use *use, const char *key)
{
	const struct config_entry *e = nearest_entry(use, key);

	return e && e->value[0] && !is_given(use, key) && !yields(use, e) ? e : NULL;
}

const char *config_base(const struct config *c, const char *profile, bool *own)
{
	const struct config_entry *best = NULL;

	*own = false;
	for (size_t i = 0; i < c->count; i++) {
		const struct config_entry *e = &c->entry[i];

		if (e->scope != CONFIG_PROFILE || strcmp(e->name, profile) != 0)
			continue;
		*own = true;
		if (strcmp(e->key, "base") == 0 && (!best || e->file > best->file))
			best = e;
	}
	if (best && best->value[0])
		return best->value;
	return profile_is_known(profile) ? profile : NULL;
}

static bool is_first_of_profile(const struct config *c, const struct config_entry *entry)
{
	const struct config_entry *e = c->entry;

	while (e < entry && (e->scope != CONFIG_PROFILE || strcmp(e->name, entry->name) != 0))
		e++;
	return e == entry && entry->scope == CONFIG_PROFILE;
}

const struct config_entry *config_own_profile(const struct config *c, size_t i)
{
	for (size_t k = 0; k < c->count; k++)
		if (is_first_of_profile(c, &c->entry[k]) && i-- == 0)
			return &c->entry[k];
	return NULL;
}
