/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/commands/command.h"
#include "lib/environment.h"
#include "lib/interrupt.h"
#include "lib/nearest.h"
#include "lib/streams.h"

static const struct command commands[] = {
	{"doctor", "what this machine can do, and how to fix what it cannot", cmd_doctor},
	{"list", "the workloads, their parameters and what one operation is", cmd_list},
	{"image", "build or find the guest image", cmd_image},
	{"run", "start the layers, measure, and print the answer", cmd_run},
	{"plan", "how many boots, rounds and batches to make of a given time", cmd_plan},
	{"rerun", "measure again what an earlier run measured", cmd_rerun},
	{"resume", "complete a run that was interrupted or killed", cmd_resume},
	{"summary", "compute the summary of a run and print the table", cmd_summary},
	{"plot", "draw the plots of a run", cmd_plot},
	{"compare", "regressions and improvements from one run to another", cmd_compare},
	{"gate", "whether a change may pass: exit code 0, 4 or 99", cmd_gate},
	{"export", "a run in the formats that other tools read", cmd_export},
	{"history", "runs over time, and what changed when", cmd_history},
	{"diff-env", "what differs between the environments of two runs", cmd_diff_env},
	{"report", "write the report of a run as one page, or as Markdown", cmd_report},
	{"why", "which exits a layer's time goes to", cmd_why},
	{"top", "live exits per second by reason, of a run or of any VM", cmd_top},
	{"size", "how much host a fleet of nested guests needs", cmd_size},
	{"clean", "clear up what killed runs left behind", cmd_clean},
	{"selfcheck", "check the instrument by what it must and must not find", cmd_selfcheck},
	{"agent", "serve a layer (started by nestbench itself)", cmd_agent},
	{"guest", "serve a layer in a VM that exists (started by nestbench itself)", cmd_guest},
	{"sweep", "end VMs at a libvirt (started by nestbench itself)", cmd_sweep},
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

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
		"Commands (each has --help):\n");
	for (int i = 0; i < COMMANDS; i++)
		fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
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
	for (int i = 0; i < COMMANDS; i++)
		nearest_offer(&near, commands[i].name);
	fprintf(stderr, "nestbench: there is no command \"%s\" (%ssee nestbench --help)\n", name,
		nearest_hint(&near, "", " ", hint));
	return EXIT_USAGE;
}

/* The exit code, or -1 with an err. */
static int run(const char *name, int argc, char **argv, struct err *err)
{
	bool help = strcmp(name, "--help") == 0 || strcmp(name, "help") == 0;

	if (help || !*name) {
		print_help(help ? stdout : stderr);
		return help ? EXIT_FINE : EXIT_USAGE;
	}
	if (strcmp(name, "--version") == 0) {
		puts("nestbench " NESTBENCH_VERSION);
		return EXIT_FINE;
	}
	for (int i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1, err);
	return complain(name);
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
