/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Command-line options: one table per command both parses into a plain struct and prints the help,
 * so defaults and ranges are written once.
 */
#ifndef NB_OPTIONS_H
#define NB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/buf.h"
#include "lib/err.h"

enum option_kind {
	OPT_FLAG,     /* bool; may have a value, "--quiet=no" */
	OPT_TEXT,     /* const char *, borrowed from argv or the table */
	OPT_LIST,     /* struct text_list; may be given several times */
	OPT_PAIR,     /* struct text_pair: two words, "--ab A B" */
	OPT_COUNT,    /* uint64_t in min…max */
	OPT_SIZE,     /* uint64_t bytes in min…max */
	OPT_DURATION, /* uint64_t nanoseconds in min…max */
};

/* What a text, or a word beside the options, is: for completion and for the manual. */
enum value_kind {
	VALUE_TEXT,	/* none of these */
	VALUE_FILE,	/* a file, there or to be written */
	VALUE_DIR,	/* a directory */
	VALUE_RUN,	/* a run directory */
	VALUE_PROFILE,	/* a profile of the plan */
	VALUE_LAYERS,	/* kinds of layers with their options: "container:by=lxc/kvm" */
	VALUE_WORKLOAD, /* a workload, or a pattern of names */
	VALUE_WORK,	/* likewise, with its parameters in the same word: "mem.chase size=1MiB" */
	VALUE_WORK_WORDS, /* words: a workload first, and its parameters behind it */
	VALUE_FORMAT,	  /* a format of export */
	VALUE_COMMAND,	  /* a command of nestbench */
};

enum { LIST_MAX = 512 };

struct text_list {
	const char *item[LIST_MAX + 1]; /* borrowed; NULL behind the last */
	size_t count;
};

struct text_pair {
	const char *item[2]; /* borrowed; both NULL, or neither */
};

struct option {
	const char *name; /* without the dashes; NULL ends a table */
	enum option_kind kind;
	size_t offset;	      /* of the member in the options struct */
	const char *arg;      /* how the help calls the value: "N"; NULL for flags */
	const char *fallback; /* the default as text, parsed like the user's; NULL: the member stays
				 0 */
	uint64_t min, max;    /* numbers only */
	const char *help;
	const char *group; /* heading of this one and those behind it; NULL: the same as before */
	/* Of a text or a list: all that may be given, with NULL behind the last; NULL: any text. */
	const char *const *choices;
	enum value_kind value; /* what the text is */
	/* Of a text: its value where the user says none, since the next word begins with a dash, or
	 * there is no next word. NULL: it needs one. */
	const char *missing;
};

struct cli {
	const char *name;     /* "nestbench run" */
	const char *examples; /* whole lines, shown first */
	const char *words;    /* what the command takes besides options: "RUN"; NULL: nothing */
	size_t min_words, max_words;
	const char *about; /* one paragraph */
	const struct option *options;
	/* Names of options, two by two, NULL behind the last; NULL: none. Of two that exclude each
	 * other, what the user says takes the place of what a configuration says. */
	const char *const *rivals;
	/* Of the first word: all that it may be, with NULL behind the last; NULL: anything. */
	const char *const *word_choices;
	enum value_kind word; /* what the words are; with word_choices, those behind the first */
	const struct cli *behind; /* whose command line stands behind "--"; NULL: nobody's */
};

/* Those that every command has beside its own, and options_parse obeys. */
extern const struct option options_common[];

/* Appends the help of a command, for stdout. */
void options_help(const struct cli *cli, struct buf *out);

/* Appends a heading, for fd: a line that ends with a colon. */
void help_heading(int fd, const char *text, struct buf *out);

/* Appends what a name means, behind it: the name takes `column` columns, or, where the width is too
 * small for that, stands above. */
void help_row(size_t width, int column, const char *name, const char *text, struct buf *out);

/*
 * Parses argv[1…argc-1] into *target (a zeroed struct) and the words. 0: go on; 1: the help was
 * asked for and printed on stdout, the command is done; -1 with EXIT_USAGE.
 */
int options_parse(const struct cli *cli, int argc, char **argv, void *target,
		  struct text_list *words, struct err *err);

/* The words of a command line, as options_parse takes them, one after the other. */
struct option_walk {
	const struct cli *cli;
	int argc;
	char **argv; /* argv[0] is the command */
	int next;    /* 1 to begin with */
	bool only_words;
};

struct option_word {
	const struct option *option; /* NULL: help, a word, or the "--" before the last words */
	const char *value, *second;  /* of the option, or the word; NULL: none */
	int first;		     /* index of its first word; the next one's is walk->next */
	bool help;
};

/* 1: *word is filled; 0: that was all; -1 with EXIT_USAGE. */
int options_walk(struct option_walk *walk, struct option_word *word, struct err *err);

/* NULL: the table, which may be NULL itself, has none of that name. */
const struct option *option_find(const struct option *options, const char *name, size_t len);

/* Would the option take this value? -1 with EXIT_USAGE, in which it is called `what`. */
int option_check(const struct option *o, const char *text, const char *what, struct err *err);

/*
 * Applies the fallbacks of a table and then "NAME=VALUE" words (NULL: none) to *target, a zeroed
 * struct. -1 with EXIT_USAGE, which names the options that there are.
 */
int options_set(const struct option *options, const struct text_list *words, void *target,
		struct err *err);

#endif
