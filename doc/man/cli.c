/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a table of options says, as parts of a page. */
#include <stdbool.h>
#include <string.h>

#include "doc/man/pages.h"
#include "doc/man/scdoc.h"

void cli_synopsis(struct buf *out, const struct cli *cli)
{
	scdoc_section(out, "SYNOPSIS");
	scdoc_bold(out, cli->name);
	if (cli->options)
		buf_addstr(out, " [_OPTION_…]");
	if (cli->words) {
		buf_addstr(out, " ");
		scdoc_text(out, cli->words);
	}
	buf_addstr(out, "\n");
}

/* "Of: auto, kvm, tcg." where the help does not name them all. */
static void add_choices(struct buf *out, const struct option *o)
{
	bool all_named = true;

	for (size_t i = 0; o->choices && o->choices[i]; i++)
		all_named &= strstr(o->help, o->choices[i]) != NULL;
	if (!o->choices || all_named)
		return;
	buf_addstr(out, ". One of");
	for (size_t i = 0; o->choices[i]; i++) {
		buf_addstr(out, i ? ", " : " ");
		scdoc_bold(out, o->choices[i]);
	}
}

static void add_option(struct buf *out, const struct option *o, const char *dashes)
{
	buf_addf(out, "*%s", dashes);
	buf_addf(out, "%s*", o->name);
	if (o->arg) {
		buf_addstr(out, *dashes ? " " : "=");
		scdoc_underlined(out, o->arg);
	}
	scdoc_item(out);
	scdoc_text(out, o->help);
	if (o->fallback) {
		buf_addstr(out, " (default: ");
		scdoc_text(out, o->fallback);
		buf_addstr(out, ")");
	}
	add_choices(out, o);
	scdoc_end_item(out);
}

void cli_options(struct buf *out, const struct option *options)
{
	scdoc_section(out, "OPTIONS");
	for (const struct option *o = options; o && o->name; o++) {
		if (o->group)
			scdoc_subsection(out, o->group);
		add_option(out, o, "--");
	}
	if (options)
		scdoc_subsection(out, "Common options");
	for (const struct option *o = options_common; o->name; o++)
		add_option(out, o, "--");
}

void cli_layer_options(struct buf *out, const struct option *options)
{
	for (const struct option *o = options; o && o->name; o++)
		add_option(out, o, "");
}

void cli_examples(struct buf *out, const struct cli *cli)
{
	scdoc_section(out, "EXAMPLES");
	scdoc_literal(out, cli->examples);
}
