/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bench/commands/command.h"
#include "bench/run/run.h"

#define MACHINE "This machine"
#define MEASURE "Measure"
#define LOOK "Look at a run"
#define COMPARE "Compare runs"

const struct command commands[] = {
	{"doctor", "what this machine can do, and how to fix what it cannot", &cli_doctor,
	 cmd_doctor, MACHINE},
	{"list", "the workloads, their parameters and what one operation is", &cli_list, cmd_list,
	 MACHINE},
	{"image", "build or find the guest image", &cli_image, cmd_image, MACHINE},
	{"selfcheck", "check the instrument by what it must and must not find", &cli_selfcheck,
	 cmd_selfcheck, MACHINE},
	{"clean", "clear up what killed runs left behind", &cli_clean, cmd_clean, MACHINE},
	{"config", "what is configured, and in which file", &cli_config, cmd_config, MACHINE},
	{"run", "start the layers, measure, and print the answer", &cli_run, cmd_run, MEASURE},
	{"plan", "how many boots, rounds and batches to make of a given time", &cli_plan, cmd_plan,
	 MEASURE},
	{"resume", "complete a run that was interrupted or killed", &cli_resume, cmd_resume,
	 MEASURE},
	{"rerun", "measure again what an earlier run measured", &cli_rerun, cmd_rerun, MEASURE},
	{"top", "live exits per second by reason, of a run or of any VM", &cli_top, cmd_top,
	 MEASURE},
	{"fleet", "the same measurement on many machines", &cli_fleet, cmd_fleet, MEASURE},
	{"summary", "compute the summary of a run and print the table", &cli_summary, cmd_summary,
	 LOOK},
	{"report", "write the report of a run as one page, or as Markdown", &cli_report, cmd_report,
	 LOOK},
	{"plot", "draw the plots of a run", &cli_plot, cmd_plot, LOOK},
	{"why", "which exits a layer's time goes to", &cli_why, cmd_why, LOOK},
	{"size", "how much host a fleet of nested guests needs", &cli_size, cmd_size, LOOK},
	{"export", "a run in the formats that other tools read", &cli_export, cmd_export, LOOK},
	{"compare", "regressions and improvements from one run to another", &cli_compare,
	 cmd_compare, COMPARE},
	{"gate", "whether a change may pass: exit code 0, 4 or 99", &cli_gate, cmd_gate, COMPARE},
	{"diff-env", "what differs between the environments of two runs", &cli_diff_env,
	 cmd_diff_env, COMPARE},
	{"history", "runs over time, and what changed when", &cli_history, cmd_history, COMPARE},
	{"agent", "serve a layer (started by nestbench itself)", &cli_agent, cmd_agent, NULL},
	{"guest", "serve a layer in a VM that exists (started by nestbench itself)", &cli_guest,
	 cmd_guest, NULL},
	{"node", "measure on a node of a fleet (started by nestbench itself)", &cli_node, cmd_node,
	 NULL},
	{"sweep", "end VMs at a libvirt (started by nestbench itself)", &cli_sweep, cmd_sweep,
	 NULL},
	{0},
};

const struct command *command_find(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}
