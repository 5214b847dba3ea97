/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "results/export/export.h"

struct options {
	const char *format, *out;
};

static const struct option options[] = {
	{"format", OPT_TEXT, OFFSET(format), "NAME", "csv",
	 .help = "csv, json, markdown, latex, bmf, github-smaller, github-bigger, google, "
		 "benchstat, otava, prometheus, junit or kv",
	 .value = VALUE_FORMAT},
	{"out", OPT_TEXT, OFFSET(out), "FILE",
	 .help = "write this file, whole or not at all (default: standard output)",
	 .value = VALUE_FILE},
	{0},
};

const struct cli cli_export = {
	.name = "nestbench export",
	.examples = "  nestbench export nestbench-runs/RUN --format markdown\n"
		    "  nestbench export RUN --format prometheus --out "
		    "/var/lib/node_exporter/nestbench.prom\n"
		    "  nestbench export --format otava nestbench-runs/* >history.csv\n",
	.words = "RUN…",
	.min_words = 1,
	.max_words = LIST_MAX,
	.about = "Writes the figures of a run in a format that other tools read: tables for papers "
		 "and pages, Bencher, github-action-benchmark, Google Benchmark's compare.py, "
		 "benchstat, Apache Otava (several runs), Prometheus' node_exporter, JUnit.",
	.options = options,
	.word = VALUE_RUN,
};

int cmd_export(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	const struct export_format *format;
	struct run_list runs;
	struct buf text = BUF_INIT;
	struct err none;
	int done = options_parse(&cli_export, argc, argv, &opt, &words, err), rc;

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	format = export_find(opt.format, err);
	if (!format)
		return -1;
	if (words.count > 1 && !format->several)
		return err_set(err, EXIT_USAGE,
			       "--format %s takes one run; only otava takes several", format->name);
	rc = runs_read(cli_export.name, &words, &runs, err);
	if (rc == 0) {
		done = export_check(format, runs.item, runs.count, &none);
		rc = export_write(format, runs.item, runs.count, &text, err);
	}
	if (done == 0 || format->failures)
		rc = answer_give(&text, opt.out, rc, err);
	if (rc == 0 && done < 0)
		*err = none;
	runs_release(&runs);
	buf_release(&text);
	return rc < 0 ? -1 : done;
}
