/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What users say of options once and for all, in INI files (lib/ini/inifile.h): the user's own,
 * nestbench/config.ini in $XDG_CONFIG_HOME (default: ~/.config), and ./nestbench.ini.
 *
 *	[default]		; every command that has such an option
 *	quiet = yes
 *	[run]			; a command
 *	profile = night
 *	[profile night]		; a profile of run's options, when --profile or profile= names it
 *	base = standard		; the built-in profile that it builds on
 *	rounds = 20
 *	workloads = mem.*
 *	            cpu.int	; lists: a line each, or the key again
 *
 * The command line overrides the profile that is chosen, which overrides the command's section,
 * which overrides [default]; in each of these, option by option, ./nestbench.ini overrides the
 * user's file. No value behind '=': as if the option were not configured at all.
 *
 * Before a command parses its words, those of the configuration are put in front of them. So a
 * manifest holds all that was in effect, and what is done again needs no files. Commands that
 * nestbench starts itself are not configured.
 */
#ifndef NB_CONFIG_H
#define NB_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/commands/command.h"
#include "bench/run/rerun_argv.h"
#include "lib/buf.h"
#include "lib/err.h"

#define CONFIG_LOCAL "./nestbench.ini"
/* A file that is read in place of both; "none": neither is. */
#define CONFIG_VARIABLE "NESTBENCH_CONFIG"

enum { CONFIG_FILES = 2, CONFIG_NAME = 48, CONFIG_VALUE = 512 };

/* The later one overrides. */
enum config_scope { CONFIG_ALL, CONFIG_COMMAND, CONFIG_PROFILE };

/* A value. */
struct config_entry {
	enum config_scope scope;
	char name[CONFIG_NAME];	  /* of the command or the profile */
	char key[CONFIG_NAME];	  /* an option; of a profile "base" too, and "" for its section */
	char value[CONFIG_VALUE]; /* "": as if there were none */
	size_t file;		  /* index; the later one overrides */
	int line;
};

struct config_file {
	char path[PATH_MAX];
	bool read; /* else it is not there */
};

struct config {
	const struct command *commands; /* that can be configured; borrowed */
	struct config_file file[CONFIG_FILES];
	size_t files;
	struct config_entry *entry;
	size_t count;
};

/*
 * Reads the files that there are. EXIT_USAGE with file and line for what is wrong in them, and for
 * a file that another user could have written: what is configured runs as whoever starts nestbench.
 * The caller releases c, also after a failure.
 */
int config_read(struct config *c, const struct command *table, struct err *err);

/* Adds a file, which has to be the next in order; path is what errors call it. c->commands is set.
 */
int config_parse(struct config *c, FILE *file, const char *path, struct err *err);

void config_release(struct config *c);

/* Not those that nestbench starts itself, nor `config`, which looks at all of this. */
bool config_applies(const struct command *command);

/* The options of a command that can be configured: its own and then those of every command. NULL:
 * there are no more, or it has none of that name. */
const struct option *config_option(const struct cli *cli, size_t i);
const struct option *config_option_find(const struct cli *cli, const char *name);

/* For whom a value is looked up. */
struct config_use {
	const struct config *config;
	const struct command *command;
	const char *profile; /* NULL: none is chosen */
	const char *const
		*given; /* options on the command line, NULL behind the last; NULL: none */
};

/*
 * The value of an option that is in effect, of a list the first. NULL: it is not configured, or
 * stands on the command line, or must give way to an option that excludes it and is nearer to the
 * user.
 */
const struct config_entry *config_find(const struct config_use *use, const char *key);

/* The next of a list; NULL: there are no more. */
const struct config_entry *config_next(const struct config *c, const struct config_entry *entry);

/* The built-in profile that a profile stands for, NULL where it names none and has no built-in
 * one's name; *own: there is such a profile. */
const char *config_base(const struct config *c, const char *profile, bool *own);

/* Of the i-th profile of the files, from 0, the first entry; NULL: there are no more. */
const struct config_entry *config_own_profile(const struct config *c, size_t i);

/*
 * The profile that is chosen: asked (the command line's, or NULL), or the configured one. *profile
 * is NULL where none is, and for commands that have no such option. EXIT_USAGE for one that does
 * not exist, which names those that do.
 */
int config_profile(const struct config *c, const struct command *command, const char *asked,
		   const char **profile, struct err *err);

/*
 * Whether a command (argv[0]) is configured: not where nestbench starts it itself, where its help
 * is asked for, and where its words are wrong, which it says itself.
 */
bool config_is_wanted(const struct command *command, int argc, char **argv);

/*
 * The words of a command with those of the configuration in front of its options; the command is to
 * be configured. *words stays empty where nothing is. Appends a sentence to *said where the command
 * measures: what is configured, and where.
 */
int config_expand(const struct config *c, const struct command *command, int argc, char **argv,
		  struct words *words, struct buf *said, struct err *err);

struct config_shown {
	const struct command *command; /* NULL: all, and of them only what is configured */
	const char *profile;	       /* as on the command line; NULL: the configured one */
};

/* The files, the profiles, and what holds, option by option: as text, or as JSON, which has all
 * options of every command that is shown. */
int config_show(const struct config *c, const struct config_shown *shown, struct buf *out,
		struct err *err);
int config_show_json(const struct config *c, const struct config_shown *shown, struct buf *out,
		     struct err *err);

/* The commands, for `nestbench config`, which stands in their table itself: main says it. */
void config_know(const struct command *table);
const struct command *config_known(void);

#endif
