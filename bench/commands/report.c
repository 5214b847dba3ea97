/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>

#include "bench/commands/command.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/options.h"
#include "lib/printable.h"
#include "plots/plot.h"
#include "plots/report/report.h"

struct options {
	bool markdown;
	const char *out;
};

static const struct option options[] = {
	{"markdown", OPT_FLAG, OFFSET(markdown),
	 .help = "print Markdown instead, for a pull request or a paper"},
	{"out", OPT_TEXT, OFFSET(out), "FILE",
	 .help = "write to this file (default: report.html of the run; Markdown: printed)",
	 .value = VALUE_FILE},
	{0},
};

const struct cli cli_report = {
	.name = "nestbench report",
	.examples =
		"  nestbench report nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n"
		"  nestbench report --markdown nestbench-runs/20260131T120000Z-laptop-9c40a77c1 "
		"> run.md\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about = "Writes the report of a run: one page that works offline and without scripts, "
		 "with the verdict, each kind of work, each workload, the environment of each "
		 "layer, and what is flagged. Works on any run, finished or interrupted. Without "
		 "gnuplot the tables come without pictures.",
	.options = options,
	.word = VALUE_RUN,
};

/* Pictures are drawn anew; when that cannot be, the report says why and comes without. */
static int draw(const char *dir, struct report *r, char place[RUNDIR_PATH], struct err *why)
{
	if (rundir_path(dir, PLOTS_DIR, place, why) < 0)
		return -1;
	if (plot_run(dir, r->s, why) == 0)
		r->pictures = place;
	else if (why->code == EXIT_INTERRUPTED)
		return -1;
	else
		r->missing = why->text;
	return 0;
}

static int put(const struct options *o, const char *dir, const struct buf *text, struct err *err)
{
	char path[RUNDIR_PATH];

	if (o->markdown && !o->out)
		return buf_print(text, stdout, err);
	if (!o->out && rundir_path(dir, REPORT_FILE, path, err) < 0)
		return -1;
	/* What the user names is to be shown around; it holds the command line, so nothing else is.
	 */
	if (o->out ? file_write_whole(o->out, text->data, text->len, err) < 0
		   : file_write_private(path, text->data, text->len, err) < 0)
		return -1;
	printable_puts("%s", o->out ? o->out : path);
	return 0;
}

int cmd_report(int argc, char **argv, struct err *err)
{
	struct options o = {0};
	struct text_list words = {0};
	struct summary summary = {0};
	struct report report = {.s = &summary};
	struct buf text = BUF_INIT;
	char place[RUNDIR_PATH];
	struct err why;
	int done = options_parse(&cli_report, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	done = -1;
	if (interrupt_install(err) < 0 || summary_build(words.item[0], &summary, err) < 0)
		return -1;
	if (draw(words.item[0], &report, place, &why) < 0) {
		*err = why;
		goto cleanup;
	}
	if (report.missing)
		fprintf(stderr, "nestbench report: no pictures: %s\n", report.missing);
	if (report_format(o.markdown ? DOC_MARKDOWN : DOC_HTML, &report, &text, err) == 0)
		done = put(&o, words.item[0], &text, err);
cleanup:
	buf_release(&text);
	summary_release(&summary);
	return done;
}
