/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The commands of nestbench, one per file, listed in commands.c.
 */
#ifndef NB_COMMAND_H
#define NB_COMMAND_H

#include <stddef.h>

#include "lib/err.h"
#include "lib/options.h"

/*
 * argv[0] is the name of the command. Returns the exit code, or -1 with a filled err, which main
 * prints and whose code becomes the exit code.
 */
typedef int (*command_fn)(int argc, char **argv, struct err *err);

struct command {
	const char *name;
	const char *summary;
	const struct cli *cli;
	command_fn run;
	/* The heading below which help lists it; NULL: nestbench itself starts it, and it is
	 * neither listed nor configured. */
	const char *group;
};

/* All of them; one without a name ends the table. */
extern const struct command commands[];

/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

/* In the option table of a command, whose own options are a struct options. */
#define OFFSET(member) offsetof(struct options, member)

int cmd_agent(int argc, char **argv, struct err *err);
int cmd_clean(int argc, char **argv, struct err *err);
int cmd_compare(int argc, char **argv, struct err *err);
int cmd_config(int argc, char **argv, struct err *err);
int cmd_diff_env(int argc, char **argv, struct err *err);
int cmd_doctor(int argc, char **argv, struct err *err);
int cmd_export(int argc, char **argv, struct err *err);
int cmd_fleet(int argc, char **argv, struct err *err);
int cmd_gate(int argc, char **argv, struct err *err);
int cmd_guest(int argc, char **argv, struct err *err);
int cmd_history(int argc, char **argv, struct err *err);
int cmd_image(int argc, char **argv, struct err *err);
int cmd_list(int argc, char **argv, struct err *err);
int cmd_node(int argc, char **argv, struct err *err);
int cmd_plan(int argc, char **argv, struct err *err);
int cmd_plot(int argc, char **argv, struct err *err);
int cmd_report(int argc, char **argv, struct err *err);
int cmd_rerun(int argc, char **argv, struct err *err);
int cmd_resume(int argc, char **argv, struct err *err);
int cmd_run(int argc, char **argv, struct err *err);
int cmd_selfcheck(int argc, char **argv, struct err *err);
int cmd_size(int argc, char **argv, struct err *err);
int cmd_summary(int argc, char **argv, struct err *err);
int cmd_sweep(int argc, char **argv, struct err *err);
int cmd_why(int argc, char **argv, struct err *err);
int cmd_top(int argc, char **argv, struct err *err);

/* Their options and help texts. */
extern const struct cli cli_agent;
extern const struct cli cli_clean;
extern const struct cli cli_compare;
extern const struct cli cli_config;
extern const struct cli cli_diff_env;
extern const struct cli cli_doctor;
extern const struct cli cli_export;
extern const struct cli cli_fleet;
extern const struct cli cli_gate;
extern const struct cli cli_guest;
extern const struct cli cli_history;
extern const struct cli cli_image;
extern const struct cli cli_list;
extern const struct cli cli_node;
extern const struct cli cli_plan;
extern const struct cli cli_plot;
extern const struct cli cli_report;
extern const struct cli cli_rerun;
extern const struct cli cli_resume;
extern const struct cli cli_selfcheck;
extern const struct cli cli_size;
extern const struct cli cli_summary;
extern const struct cli cli_sweep;
extern const struct cli cli_top;
extern const struct cli cli_why;

#endif
