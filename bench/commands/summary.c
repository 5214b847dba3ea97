/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "results/export/export.h"
#include "results/table/table.h"

struct options {
	bool json;
};

static const struct option options[] = {
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object, with every figure"},
	{0},
};

const struct cli cli_summary = {
	.name = "nestbench summary",
	.examples =
		"  nestbench summary nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n"
		"  nestbench summary RUN --json | jq '.workloads[] | {workload, layer, cost}'\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about =
		"Computes summary.csv and classes.csv of a run directory from its raw rows and "
		"prints the table. Works on any run, finished or interrupted, any number of times.",
	.options = options,
	.word = VALUE_RUN,
};

int cmd_summary(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct summary summary = {0};
	struct buf table = BUF_INIT;
	int done = options_parse(&cli_summary, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (summary_build(words.item[0], &summary, err) < 0)
		return -1;
	if (opt.json)
		done = export_json(&summary, &table, err);
	else
		table_format(&summary, &table);
	done = answer_give(&table, NULL, done, err);
	if (done == 0)
		done = summary_write(words.item[0], &summary, err);
	summary_release(&summary);
	return done;
}
