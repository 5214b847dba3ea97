/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "lib/parse.h"

struct options {
	struct side_options runs;
	const char *same;
	bool all, json, markdown, csv;
};

static const struct option options[] = {
	SIDE_OPTIONS,
	{"same", OPT_TEXT, OFFSET(same), "PERCENT", "2%", .help = "smaller changes do not count"},
	{"all", OPT_FLAG, OFFSET(all), .help = "show also what is the same or not resolved"},
	{"json", OPT_FLAG, OFFSET(json), .help = "as JSON, with all"},
	{"markdown", OPT_FLAG, OFFSET(markdown), .help = "as Markdown, for a pull request"},
	{"csv", OPT_FLAG, OFFSET(csv), .help = "as CSV, with all"},
	{0},
};

static const char *const rivals[] = {"json", "markdown", "json", "csv", "markdown", "csv", NULL};

const struct cli cli_compare = {
	.name = "nestbench compare",
	.examples = "  nestbench compare nestbench-runs/BEFORE nestbench-runs/AFTER\n"
		    "  nestbench compare A1 B1 --base A2 --base A3 --new B2 --new B3\n"
		    "  nestbench compare BEFORE AFTER --markdown >comment.md\n",
	.words = "BASE NEW",
	.min_words = 2,
	.max_words = 2,
	.about = "Finds regressions and improvements from one run to another: the cost of each "
		 "workload in each layer, and the overhead factors between layers, with intervals, "
		 "corrected for the number of comparisons, and exits per operation by reason where "
		 "both sides counted them. What differs between the environments "
		 "stands on top. Runs of other sizes, stacks or programs are refused.",
	.options = options,
	.word = VALUE_RUN,
	.rivals = rivals,
};

static int print(const struct comparison *c, const struct options *opt, struct err *err)
{
	struct buf out = BUF_INIT;
	int rc = 0;

	if (opt->json)
		rc = compare_format_json(c, &out, err);
	else if (opt->csv)
		compare_format_csv(c, &out);
	else if (opt->markdown)
		compare_format_markdown(c, opt->all, &out);
	else
		compare_format(c, opt->all, &out);
	return answer_give(&out, NULL, rc, err);
}

int cmd_compare(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct compare_options how = {.same = COMPARE_SAME};
	struct comparison c = {0};
	int done = options_parse(&cli_compare, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (opt.json + opt.markdown + opt.csv > 1)
		return err_set(err, EXIT_USAGE,
			       "only one of --json, --markdown and --csv is possible");
	if (parse_percent(opt.same, "--same", 0, 1000, &how.same, err) < 0 ||
	    sides_compare(&opt.runs, &words, &how, &c, err) < 0)
		return -1;
	if ((opt.json || opt.markdown || opt.csv) &&
	    (runs_tell_damage(cli_compare.name, c.base.run, c.base.runs, err) < 0 ||
	     runs_tell_damage(cli_compare.name, c.new.run, c.new.runs, err) < 0))
		done = -1;
	if (done == 0)
		done = print(&c, &opt, err);
	comparison_release(&c);
	return done;
}
