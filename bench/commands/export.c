/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/commands/command.h"
#include "bench/commands/damage.h"
#include "lib/file.h"
#include "lib/options.h"
#include "results/export/export.h"

struct options {
	const char *format, *out;
};

static const struct option options[] = {
	{"format", OPT_TEXT, offsetof(struct options, format), "NAME", "csv", 0, 0,
	 "csv, json, markdown, latex, bmf, github-smaller, github-bigger, google,\n"
	 "                         benchstat, otava, prometheus, junit or kv"},
	{"out", OPT_TEXT, offsetof(struct options, out), "FILE", NULL, 0, 0,
	 "write this file, whole or not at all (default: standard output)"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench export",
	.examples = "  nestbench export nestbench-runs/RUN --format markdown\n"
		    "  nestbench export RUN --format prometheus --out "
		    "/var/lib/node_exporter/nestbench.prom\n"
		    "  nestbench export --format otava nestbench-runs/* >history.csv\n",
	.words = "RUN…",
	.min_words = 1,
	.max_words = LIST_MAX,
	.about = "Writes the figures of a run in a format that other tools read: tables for papers "
		 "and pages,\n"
		 "Bencher, github-action-benchmark, Google Benchmark's compare.py, benchstat, "
		 "Apache Otava\n"
		 "(several runs), Prometheus' node_exporter, JUnit.",
	.options = options,
};

static int deliver(const struct options *opt, const struct buf *text, struct err *err)
{
	if (opt->out)
		return file_write_whole(opt->out, text->data, text->len, err);
	return buf_print(text, stdout, err);
}

int cmd_export(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	const struct export_format *format;
	struct summary *runs;
	struct buf text = BUF_INIT;
	struct err none;
	size_t count = 0;
	int done = options_parse(&cli, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	format = export_find(opt.format, err);
	if (!format)
		return -1;
	if (words.count > 1 && !format->several)
		return err_set(err, EXIT_USAGE,
			       "--format %s takes one run; only otava takes several", format->name);
	runs = calloc(words.count, sizeof(*runs));
	if (!runs)
		return err_set(err, EXIT_INTERNAL, "out of memory for %zu runs", words.count);
	done = -1;
	for (; count < words.count; count++)
		if (summary_build(words.item[count], &runs[count], err) < 0)
			goto cleanup;
	for (size_t i = 1; i < count; i++)
		if (summary_distinct(runs, i, &runs[i], err) < 0)
			goto cleanup;
	if (damage_tell(cli.name, runs, count, err) < 0)
		goto cleanup;
	done = export_check(format, runs, count, &none);
	if (format->write(runs, count, &text, err) < 0 ||
	    ((done == 0 || format->failures) && deliver(&opt, &text, err) < 0))
		done = -1;
	else if (done < 0)
		*err = none;
cleanup:
	while (count)
		summary_release(&runs[--count]);
	free(runs);
	buf_release(&text);
	return done;
}
