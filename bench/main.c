/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/commands/command.h"
#include "lib/environment.h"
#include "lib/interrupt.h"
#include "lib/nearest.h"
#include "lib/streams.h"

static void print_help(FILE *to)
{
	fprintf(to,
		"Examples:\n"
		"  nestbench doctor                          can this machine nest VMs?\n"
		"  nestbench run --profile quick             measure L0, L1 and L2\n"
		"  nestbench run --depth 1 --workloads 'mem.*'\n"
		"  nestbench summary nestbench-runs/RUN      the table of an earlier run\n"
		"\n"
		"nestbench measures what every layer of virtualization costs: the same workloads\n"
		"on the machine (L0), in a VM (L1) and in a VM in that VM (L2).\n"
		"\n"
		"Usage: nestbench COMMAND [OPTION...]\n"
		"\n"
		"Each command has --help.\n");
	for (const struct command *c = commands; c->name && c->group; c++) {
		if (c == commands || strcmp(c->group, c[-1].group) != 0)
			fprintf(to, "\n%s:\n", c->group);
		fprintf(to, "  %-10s %s\n", c->name, c->summary);
	}
	fprintf(to, "\nExit codes: 0 fine, 1 internal error, 2 wrong usage or input, 3 this "
		    "machine cannot\n"
		    "do what was asked or a part of it was not measured, 4 inconclusive, 99 "
		    "regression,\n"
		    "130 interrupted.\n");
}

static int complain(const char *name)
{
	char hint[NEAREST_TEXT];
	struct nearest near;

	nearest_init(&near, name, strlen(name));
	for (const struct command *c = commands; c->name; c++)
		nearest_offer(&near, c->name);
	fprintf(stderr, "nestbench: there is no command \"%s\" (%ssee nestbench --help)\n", name,
		nearest_hint(&near, "", " ", hint));
	return EXIT_USAGE;
}

/* The exit code, or -1 with an err. */
static int run(const char *name, int argc, char **argv, struct err *err)
{
	bool help = strcmp(name, "--help") == 0 || strcmp(name, "help") == 0;
	const struct command *command;

	if (help || !*name) {
		print_help(help ? stdout : stderr);
		return help ? EXIT_FINE : EXIT_USAGE;
	}
	if (strcmp(name, "--version") == 0) {
		puts("nestbench " NESTBENCH_VERSION);
		return EXIT_FINE;
	}
	command = command_find(name);
	return command ? command->run(argc - 1, argv + 1, err) : complain(name);
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
