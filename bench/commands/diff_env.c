/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "results/compare/diffenv.h"

struct options {
	bool all, json;
};

static const struct option options[] = {
	{"all", OPT_FLAG, OFFSET(all), .help = "also what differs from run to run anyway"},
	{"json", OPT_FLAG, OFFSET(json), .help = "as JSON, with all"},
	{0},
};

const struct cli cli_diff_env = {
	.name = "nestbench diff-env",
	.examples = "  nestbench diff-env nestbench-runs/BEFORE nestbench-runs/AFTER\n",
	.words = "BASE NEW",
	.min_words = 2,
	.max_words = 2,
	.about = "Says what differs between the environments of two runs, layer by layer, and what "
		 "each difference can do to the figures.",
	.options = options,
	.word = VALUE_RUN,
};

int cmd_diff_env(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct env_differences d = {0};
	struct buf out = BUF_INIT;
	int done = options_parse(&cli_diff_env, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (env_compare(words.item[0], words.item[1], &d, err) < 0)
		return -1;
	if (opt.json)
		done = env_format_json(&d, &out, err);
	else
		env_format(&d, opt.all ? ENV_VARIES : ENV_MATTERS, &out);
	done = answer_give(&out, NULL, done, err);
	env_differences_release(&d);
	return done;
}
