/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "results/table/table.h"

const struct cli cli_summary = {
	.name = "nestbench summary",
	.examples = "  nestbench summary nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about =
		"Computes summary.csv and classes.csv of a run directory from its raw rows and "
		"prints the table. Works on any run, finished or interrupted, any number of times.",
};

int cmd_summary(int argc, char **argv, struct err *err)
{
	struct text_list words = {0};
	struct summary summary = {0};
	struct buf table = BUF_INIT;
	int done = options_parse(&cli_summary, argc, argv, NULL, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (summary_build(words.item[0], &summary, err) < 0)
		return -1;
	table_format(&summary, &table);
	done = answer_give(&table, NULL, 0, err);
	if (done == 0)
		done = summary_write(words.item[0], &summary, err);
	summary_release(&summary);
	return done;
}
