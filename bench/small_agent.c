/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nestbench-agent: the command agent as a program of its own, for machines that have nothing of
 * the suite, and for guests in which no layer is started. It is linked statically and small enough
 * to be copied at the start of every run.
 */
#include <stdio.h>
#include <string.h>

#include "bench/commands/command.h"
#include "lib/environment.h"
#include "lib/program.h"
#include "lib/streams.h"

/* The linker puts it in the place of the function of the same name (--wrap). */
const void *__wrap_module_load(const char *name, const char *stamp, const char *what,
			       const char *packages, struct err *err);

const void *__wrap_module_load(const char *name, const char *stamp, const char *what,
			       const char *packages, struct err *err)
{
	err_set(err, EXIT_MACHINE,
		"%s cannot be loaded: the agent on this machine is a statically linked program, "
		"which cannot load libraries; install nestbench on that machine and start it "
		"there to measure the layers below it",
		what);
	return NULL;
}

int main(int argc, char **argv)
{
	/* The word may be left out: it is the only command. */
	int word = argc > 1 && strcmp(argv[1], "agent") == 0;
	struct err err = {0};
	int code;

	streams_begin();
	environment_settle();
	code = cmd_agent(argc - word, argv + word, &err);
	if (code >= 0)
		return code;
	fprintf(stderr, "nestbench agent: %s\n", err.text);
	return err.code;
}
