/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nestbench(1). */
#include <stdbool.h>
#include <string.h>

#include "bench/help/help.h"
#include "doc/man/pages.h"
#include "doc/man/scdoc.h"
#include "lib/environment.h"

static void add_commands(struct buf *out)
{
	scdoc_section(out, "COMMANDS");
	for (const struct command *c = commands; c->name; c++) {
		if (!c->group)
			continue;
		if (c == commands || strcmp(c->group, c[-1].group) != 0)
			scdoc_subsection(out, c->group);
		buf_addf(out, "*nestbench-%s*(1)", c->name);
		scdoc_meaning(out, c->summary);
	}
}

static void add_exit_codes(struct buf *out)
{
	scdoc_section(out, "EXIT STATUS");
	for (const struct exit_meaning *e = exit_meanings; e->meaning; e++) {
		buf_addf(out, "*%d*", (int)e->code);
		scdoc_meaning(out, e->meaning);
	}
}

static void add_rule(struct buf *out, const struct environment_rule *rule)
{
	for (size_t k = 0; rule->names[k]; k++) {
		buf_addstr(out, k ? ", " : "");
		scdoc_bold(out, rule->names[k]);
	}
	scdoc_item(out);
	scdoc_text(out, rule->why);
	if (rule->recorded)
		buf_addstr(out, " (recorded)");
	if (rule->removed)
		buf_addstr(out, " (removed)");
	scdoc_end_item(out);
}

static void add_environment(struct buf *out)
{
	struct environment_rule rule;

	scdoc_section(out, "ENVIRONMENT");
	scdoc_paragraphs(
		out, "Variables decide what libraries and programs do, and a guest has none of the "
		     "user's. So only those below stay, and of several that match a name the first "
		     "counts: what is marked as recorded can move figures and is kept with them "
		     "(environment in layers.csv); what is marked as removed goes, and the run "
		     "says so. All others go without a word; the locale is C.\n");
	for (size_t i = 0; environment_rule(i, &rule); i++)
		add_rule(out, &rule);
}

static void add_files(struct buf *out)
{
	scdoc_section(out, "FILES");
	for (const struct help_file *f = help_user_files; f->name; f++) {
		scdoc_underlined(out, f->name);
		scdoc_meaning(out, f->what);
	}
}

static void add_help(struct buf *out)
{
	scdoc_section(out, "HELP");
	scdoc_bold(out, cli_help.name);
	buf_addstr(out, " ");
	scdoc_text(out, cli_help.words);
	scdoc_meaning(out, cli_help.about);
	scdoc_paragraphs(out, "The topics:");
	for (const struct topic *t = topics; t->name; t++) {
		scdoc_bold(out, t->name);
		scdoc_meaning(out, t->summary);
	}
}

void page_overview(struct buf *out)
{
	scdoc_begin(out, "nestbench", 1);
	scdoc_section(out, "NAME");
	buf_addstr(out, "nestbench - measures what every layer of virtualization costs\n");
	scdoc_section(out, "SYNOPSIS");
	buf_addstr(out, "*nestbench* _COMMAND_ [_OPTION_…]\n\n"
			"*nestbench* _COMMAND_ *--help*\n\n"
			"*nestbench* *--version*\n");
	scdoc_section(out, "DESCRIPTION");
	scdoc_paragraphs(
		out,
		"The same workloads run on the machine (L0), in a VM (L1), in a VM in that VM "
		"(L2), "
		"and deeper or in other kinds of layers where the machine allows. One command "
		"starts the layers, measures, and answers with numbers, intervals and plots: which "
		"share of the machine is still usable at each layer, for which kind of work.\n"
		"\n"
		"Data goes to standard output, talk and progress to standard error.\n");
	add_commands(out);
	add_help(out);
	add_exit_codes(out);
	add_environment(out);
	add_files(out);
	scdoc_section(out, "EXAMPLES");
	scdoc_literal(out,
		      "  nestbench doctor                          can this machine nest VMs?\n"
		      "  nestbench run --profile quick             measure L0, L1 and L2\n"
		      "  nestbench summary nestbench-runs/RUN      the table of an earlier run\n");
	scdoc_section(out, "SEE ALSO");
	buf_addstr(out, "*nestkernel*(1), *nestbench-run-directory*(5)\n");
}
