/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nestbench-COMMAND(1). */
#include <stdbool.h>

#include "doc/man/pages.h"
#include "doc/man/scdoc.h"
#include "drivers/driver.h"

static bool takes(const struct cli *cli, enum value_kind kind)
{
	bool found = cli->word == kind;

	for (const struct option *o = cli->options; o && o->name; o++)
		found |= o->value == kind;
	return found;
}

static void add_layers(struct buf *out)
{
	scdoc_section(out, "KINDS OF LAYERS");
	scdoc_paragraphs(
		out,
		"A layer is written KIND, KIND:OPTION=VALUE,…, or KIND=VALUE where a kind has "
		"an option that stands for itself; \"/\" leads from a layer to the one in it.\n");
	for (const struct driver *const *d = drivers; *d; d++) {
		scdoc_subsection(out, (*d)->name);
		scdoc_text(out, (*d)->summary);
		if ((*d)->argument) {
			buf_addf(out, ". %s=_VALUE_ sets ", (*d)->name);
			scdoc_bold(out, (*d)->argument);
		}
		buf_addstr(out, ".\n\n");
		cli_layer_options(out, (*d)->options);
	}
}

static void add_see_also(struct buf *out, const struct cli *cli)
{
	scdoc_section(out, "SEE ALSO");
	buf_addstr(out, "*nestbench*(1)");
	if (takes(cli, VALUE_WORK) || takes(cli, VALUE_WORKLOAD))
		buf_addstr(out, ", *nestkernel*(1)");
	if (takes(cli, VALUE_RUN) || takes(cli, VALUE_WORK))
		buf_addstr(out, ", *nestbench-run-directory*(5)");
	buf_addstr(out, "\n");
}

void page_command(struct buf *out, const struct command *c)
{
	struct buf name = BUF_INIT;

	buf_addf(&name, "nestbench-%s", c->name);
	scdoc_begin(out, buf_str(&name), 1);
	scdoc_section(out, "NAME");
	buf_addf(out, "%s - ", buf_str(&name));
	scdoc_text(out, c->summary);
	buf_addstr(out, "\n");
	buf_done(&name, out);
	cli_synopsis(out, c->cli);
	scdoc_section(out, "DESCRIPTION");
	scdoc_paragraphs(out, c->cli->about);
	cli_options(out, c->cli->options);
	if (takes(c->cli, VALUE_LAYERS))
		add_layers(out);
	scdoc_section(out, "EXIT STATUS");
	buf_addstr(out, "As of *nestbench*(1).\n");
	cli_examples(out, c->cli);
	add_see_also(out, c->cli);
}
