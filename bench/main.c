/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/commands/command.h"
#include "bench/completion/completion.h"
#include "bench/config/config.h"
#include "bench/help/help.h"
#include "lib/environment.h"
#include "lib/interrupt.h"
#include "lib/nearest.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "lib/streams.h"

/* Without a command: a person is told what to do first, a script that it did something wrong. */
static int no_command(struct err *err)
{
	bool person = isatty(STDOUT_FILENO) && isatty(STDERR_FILENO);
	struct buf out = BUF_INIT;
	int done;

	if (person)
		help_first(&out);
	else
		help_overview(STDERR_FILENO, &out);
	done = buf_print(&out, person ? stdout : stderr, err);
	buf_release(&out);
	return done < 0 ? -1 : person ? EXIT_FINE : EXIT_USAGE;
}

static int complain(const char *name)
{
	char hint[NEAREST_TEXT], shown[80];
	struct nearest near;

	printable(str_copy(shown, sizeof(shown), name));
	if (name[0] == '-') {
		fprintf(stderr,
			"nestbench: the command comes first: nestbench COMMAND %s (see "
			"nestbench --help)\n",
			shown);
		return EXIT_USAGE;
	}
	nearest_init(&near, name, strlen(name));
	nearest_offer(&near, "help");
	for (const struct command *c = commands; c->name; c++)
		nearest_offer(&near, c->name);
	fprintf(stderr, "nestbench: there is no command \"%s\" (%ssee nestbench --help)\n", shown,
		nearest_hint(&near, "", " ", hint));
	return EXIT_USAGE;
}

/* Puts what is configured in front of the words of a command, and says so where it measures. */
static int configure(const struct command *command, int argc, char **argv, struct words *words,
		     struct err *err)
{
	struct config config = {0};
	struct buf said = BUF_INIT;
	int done;

	if (!config_is_wanted(command, argc, argv))
		return 0;
	done = config_read(&config, commands, err);
	if (done == 0)
		done = config_expand(&config, command, argc, argv, words, &said, err);
	if (done == 0 && said.len)
		fprintf(stderr, "%s\n", buf_str(&said));
	buf_release(&said);
	config_release(&config);
	return done;
}

static int run_command(const struct command *command, int argc, char **argv, struct err *err)
{
	struct words words = WORDS_INIT;
	int code = configure(command, argc, argv, &words, err);

	if (code == 0 && words.count)
		code = command->run((int)words.count, words.item, err);
	else if (code == 0)
		code = command->run(argc, argv, err);
	words_release(&words);
	return code;
}

/* The exit code, or -1 with an err. */
static int run(const char *name, int argc, char **argv, struct err *err)
{
	const struct command *command;

	if (!*name)
		return no_command(err);
	if (strcmp(name, "help") == 0)
		return cmd_help(argc - 1, argv + 1, err);
	if (strcmp(name, "--help") == 0)
		return cmd_help(1, argv + 1, err);
	if (strcmp(name, "--version") == 0) {
		puts("nestbench " NESTBENCH_VERSION);
		return EXIT_FINE;
	}
	config_know(commands);
	if (strncmp(name, "--complete", strlen("--complete")) == 0)
		return completion_main(commands, argc - 1, argv + 1, err);
	command = command_find(name);
	return command ? run_command(command, argc - 1, argv + 1, err) : complain(name);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";
	struct err err = {0};
	int code;

	streams_begin();
	environment_settle();
	code = run(name, argc, argv, &err);
	if (code >= 0 && streams_flush(&err) < 0) {
		(void)interrupt_check(&err);
		code = -1;
	}
	if (code >= 0)
		return code;
	fprintf(stderr, "nestbench %s: %s\n", name, err.text);
	return err.code;
}
