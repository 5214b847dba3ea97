/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/commands/command.h"
#include "bench/run/rerun_argv.h"
#include "lib/options.h"

struct options {
	const char *out;
	bool print, json;
};

static const struct option options[] = {
	{"out", OPT_TEXT, offsetof(struct options, out), "DIR",
	 .help = "the new run directory (default: nestbench-runs/TIME-HOST)", .value = VALUE_DIR},
	{"print", OPT_FLAG, offsetof(struct options, print), .help = "only print the command line"},
	{"json", OPT_FLAG, offsetof(struct options, json),
	 .help = "print the answer as one JSON object, as of nestbench summary"},
	{0},
};

const struct cli cli_rerun = {
	.name = "nestbench rerun",
	.examples = "  nestbench rerun nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n"
		    "  nestbench rerun RUN --print\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about = "Measures again what an earlier run measured: the same options, workloads with "
		 "the same parameters, rounds, boots and seed, so the same order of work over the "
		 "same data. Refused when this nestbench would make another plan of it, saying "
		 "what differs.",
	.options = options,
	.word = VALUE_RUN,
};

int cmd_rerun(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct rerun how = {0};
	struct manifest m = {0};
	struct words line = WORDS_INIT;
	struct buf text = BUF_INIT;
	int done = options_parse(&cli_rerun, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	how.out = opt.out;
	done = manifest_load(words.item[0], &m, err);
	if (done == 0)
		done = rerun_words(&m, &how, &line, err);
	if (done == 0 && opt.json)
		done = words_add(&line, err, "--json");
	words_format(&line, &text);
	if (done == 0)
		done = buf_check(&text, err);
	if (done == 0) {
		/* As data when that is all that was asked for. */
		fprintf(opt.print ? stdout : stderr, "nestbench %s\n", buf_str(&text));
		done = opt.print ? EXIT_FINE : cmd_run((int)line.count, line.item, err);
	}
	buf_release(&text);
	words_release(&line);
	manifest_release(&m);
	return done;
}
