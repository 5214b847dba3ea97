/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nestbench-run-directory(5). */
#include <stdbool.h>
#include <string.h>

#include "bench/help/help.h"
#include "doc/man/pages.h"
#include "doc/man/scdoc.h"
#include "lib/sample.h"
#include "results/compare/diffenv.h"
#include "results/rundir/exits.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"
#include "results/rundir/rundir.h"
#include "results/summary/summary.h"

static struct column_text sample_flag_text(size_t i)
{
	struct column_text text;

	text.name = sample_flag_describe(i, &text.meaning);
	return text;
}

/* A file with columns or members, and a section of it. */
static const struct {
	const char *title, *about;
	column_fn *column;
} tables[] = {
	{ROWS_FILE,
	 "One raw row for every batch, appended as it comes and never rewritten. The columns:",
	 rows_column},
	{"FLAGS OF ROWS",
	 "The column flags of " ROWS_FILE " holds words that decide how a row counts:",
	 sample_flag_text},
	{LAYERS_FILE, "The environment of each layer of each boot, one fact a line. The columns:",
	 layers_column},
	{"FACTS",
	 "What `nestbench diff-env` says of a difference in a key of " LAYERS_FILE
	 " or " MANIFEST_FILE "; \"*\" stands for any text, and the first that fits counts:",
	 env_key},
	{EXITS_FILE,
	 "What each batch made the layers around it do, counted in their parent layers: one row is "
	 "one counter in one batch. The columns:",
	 exits_column},
	{MANIFEST_FILE, "What the run is, as a JSON object. Its members:", manifest_member},
	{SUMMARY_FILE,
	 "Computed from the rows by `nestbench summary`: one row for each workload, its "
	 "parameters, "
	 "threads and layer. The columns:",
	 summary_column},
	{"FLAGS OF FIGURES",
	 "The column flags of " SUMMARY_FILE
	 " holds words; behind some stands a colon and how many "
	 "there were:",
	 summary_flag},
	{CLASSES_FILE,
	 "Likewise, one row for each kind of work and layer. The columns:", classes_column},
};

static bool has_table(const char *name)
{
	bool found = false;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		found |= strcmp(tables[i].title, name) == 0;
	return found;
}

static void add_others(struct buf *out)
{
	scdoc_section(out, "OTHER FILES");
	for (const struct help_file *f = help_run_files; f->name; f++) {
		if (has_table(f->name))
			continue;
		scdoc_bold(out, f->name);
		scdoc_meaning(out, f->what);
	}
}

static void add_table(struct buf *out, size_t k)
{
	struct column_text c;

	scdoc_section(out, tables[k].title);
	scdoc_text(out, tables[k].about);
	buf_addstr(out, "\n\n");
	for (size_t i = 0; c = tables[k].column(i), c.name; i++) {
		scdoc_bold(out, c.name);
		scdoc_meaning(out, c.meaning);
	}
}

void page_run_directory(struct buf *out)
{
	scdoc_begin(out, "nestbench-run-directory", 5);
	scdoc_section(out, "NAME");
	buf_addstr(out, "nestbench-run-directory - what a run of nestbench leaves\n");
	scdoc_section(out, "DESCRIPTION");
	scdoc_paragraphs(
		out,
		"`nestbench run` makes a directory, nestbench-runs/ID or that of --out, which only "
		"its user can read. The CSV files have a header and one row a line (RFC 4180 with "
		"LF); a reader goes by the names in the header, since later versions may add "
		"columns. Times are in nanoseconds, sizes in bytes; an empty field of a computed "
		"file is a figure that there is not.\n");
	for (size_t k = 0; k < sizeof(tables) / sizeof(tables[0]); k++)
		add_table(out, k);
	add_others(out);
	scdoc_section(out, "SEE ALSO");
	buf_addstr(out, "*nestbench*(1), *nestbench-summary*(1), *nestbench-diff-env*(1), "
			"*nestbench-why*(1)\n");
}
