/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/nearest.h"
#include "lib/options.h"
#include "results/fleet/status.h"

struct options {
	bool json;
};

static const struct option options[] = {
	{"json", OPT_FLAG, OFFSET(json), .help = "status: print one JSON object"},
	{0},
};

static const char *const action_names[] = {"status", NULL};

const struct cli cli_fleet = {
	.name = "nestbench fleet",
	.examples = "  nestbench fleet status nestbench-fleets/20260131T120000Z\n",
	.words = "status DIR",
	.min_words = 1,
	.max_words = LIST_MAX,
	.about = "The same measurement on many machines. DIR/fleet.json holds what was asked for "
		 "and how far it came, DIR/NODE each node's run. status shows each node, and how "
		 "long the rest will take.",
	.options = options,
	.word_choices = action_names,
	.word = VALUE_DIR,
};

static int status(const struct options *opt, const struct text_list *words, struct err *err)
{
	struct fleet f = {0};
	struct fleet_status s;
	struct buf out = BUF_INIT;
	int done = fleet_load(words->item[1], &f, err);

	if (done == 0)
		done = fleet_status_make(&s, &f, words->item[1], time(NULL), err);
	if (done == 0 && opt->json)
		done = fleet_status_json(&s, &out, err);
	else if (done == 0)
		fleet_status_text(&s, &out);
	done = answer_give(&out, NULL, done, err);
	fleet_release(&f);
	return done;
}

/* In the order of action_names. */
static const struct action {
	size_t min_words, max_words; /* its name included */
	int (*run)(const struct options *opt, const struct text_list *words, struct err *err);
} actions[] = {
	{2, 2, status},
};

int cmd_fleet(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	const struct action *action;
	int chosen, done = options_parse(&cli_fleet, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	chosen = choice_find(cli_fleet.name, words.item[0], action_names, err);
	if (chosen < 0)
		return -1;
	action = &actions[chosen];
	if (words.count < action->min_words || words.count > action->max_words)
		return err_set(err, EXIT_USAGE, "expected %s (see nestbench fleet --help)",
			       cli_fleet.words);
	return action->run(&opt, &words, err);
}
