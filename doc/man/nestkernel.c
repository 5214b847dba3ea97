/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nestkernel(1). */
#include "doc/man/pages.h"
#include "doc/man/scdoc.h"
#include "workloads/nestkernel/kernel_options.h"
#include "workloads/workload.h"

static void add_range(struct buf *out, const struct param *p)
{
	char text[SIZE_TEXT];

	scdoc_bold(out, p->name);
	buf_addstr(out, "=");
	for (size_t i = 0; p->kind == PARAM_CHOICE && p->choices[i]; i++) {
		buf_addstr(out, i ? "\\|" : "");
		scdoc_bold(out, p->choices[i]);
	}
	if (p->kind == PARAM_CHOICE)
		return;
	buf_addf(out, "%s…", param_format(p, p->min, text));
	buf_addstr(out, param_format(p, p->max, text));
}

static void add_param(struct buf *out, const struct param *p)
{
	char text[SIZE_TEXT];

	buf_addstr(out, "\t");
	add_range(out, p);
	buf_addstr(out, "\n\t\t");
	scdoc_text(out, p->help);
	buf_addstr(out, " (default: ");
	scdoc_text(out, p->kind == PARAM_CHOICE ? p->choices[p->fallback]
						: param_format(p, p->fallback, text));
	if (p->step > 1)
		buf_addf(out, "; multiples of %s", param_format(p, p->step, text));
	buf_addstr(out, ")\n\n");
}

static void add_workload(struct buf *out, const struct workload *w)
{
	scdoc_bold(out, w->name);
	scdoc_item(out);
	scdoc_text(out, w->summary);
	buf_addstr(out, ". One operation is ");
	scdoc_text(out, w->op);
	buf_addstr(out, ". Like: ");
	scdoc_text(out, w->source);
	buf_addstr(out, ".\n\n");
	for (const struct param *p = w->params; p && p->name; p++)
		add_param(out, p);
}

void page_nestkernel(struct buf *out)
{
	scdoc_begin(out, "nestkernel", 1);
	scdoc_section(out, "NAME");
	buf_addstr(out, "nestkernel - runs one workload and prints raw rows\n");
	cli_synopsis(out, &cli_nestkernel);
	scdoc_section(out, "DESCRIPTION");
	scdoc_paragraphs(out, cli_nestkernel.about);
	scdoc_paragraphs(out,
			 "This is the program that `nestbench` runs in every layer, with the same "
			 "bytes; it lies in libexec/nestbench under the prefix.\n");
	cli_options(out, cli_nestkernel.options);
	scdoc_section(out, "WORKLOADS");
	for (const struct workload *const *w = workloads; *w; w++)
		add_workload(out, *w);
	scdoc_section(out, "EXIT STATUS");
	buf_addstr(out, "As of *nestbench*(1).\n");
	cli_examples(out, &cli_nestkernel);
	scdoc_section(out, "SEE ALSO");
	buf_addstr(out, "*nestbench*(1), *nestbench-list*(1)\n");
}
