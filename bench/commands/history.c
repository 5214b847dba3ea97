/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/commands/command.h"
#include "lib/interrupt.h"
#include "lib/json.h"
#include "lib/nearest.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "lib/printable.h"
#include "lib/str.h"
#include "plots/plot.h"
#include "results/fleet/nodes.h"
#include "results/history/history.h"
#include "results/rundir/rundir.h"

struct options {
	const char *db, *workload, *layer, *plots;
	bool all, force, json;
};

static const struct option options[] = {
	{"db", OPT_TEXT, OFFSET(db), "FILE",
	 .help = "the database (default: nestbench/history.db in $XDG_STATE_HOME)",
	 .value = VALUE_FILE},
	{"workload", OPT_TEXT, OFFSET(workload), "GLOB", .help = "trend: only these",
	 .value = VALUE_WORKLOAD},
	{"layer", OPT_TEXT, OFFSET(layer), "LAYER",
	 .help = "trend: only this layer: its number, or its name in runs of several chains"},
	{"plots", OPT_TEXT, OFFSET(plots), "DIR",
	 .help = "trend: draw each series into this folder", .value = VALUE_DIR},
	{"all", OPT_FLAG, OFFSET(all), .help = "trend: also series in which nothing changed"},
	{"force", OPT_FLAG, OFFSET(force),
	 .help = "add: a run without a figure too, and other rows in the place of a run of the "
		 "same id"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object; trend: with all"},
	{0},
};

static const char *const action_names[] = {"add", "list", "show", "trend", NULL};

const struct cli cli_history = {
	.name = "nestbench history",
	.examples = "  nestbench history add nestbench-runs/*\n"
		    "  nestbench history add nestbench-fleets/20260131T120000Z\n"
		    "  nestbench history list\n"
		    "  nestbench history show 20260131T120000Z-laptop-9c40a77c1\n"
		    "  nestbench history trend --workload 'mem.*' --layer 2 --plots trend\n",
	.words = "add RUN… | list | show RUN | trend",
	.min_words = 1,
	.max_words = LIST_MAX,
	.about = "Keeps the figures and the environment of runs over time. trend finds the runs "
		 "from which on a cost or an overhead has another level (E-divisive with a "
		 "permutation test at 1 %), and says what changed in the environment there. Runs "
		 "of one machine and stack make a series. Of a fleet, add takes the run of every "
		 "node.",
	.options = options,
	.word_choices = action_names,
	.word = VALUE_RUN,
};

struct adding {
	struct history *h;
	const struct options *opt;
	struct buf *out;
	json_t *list;	  /* with --json */
	struct err first; /* of what could not be added */
	bool failed;
};

/* One that cannot be added does not keep the others out. */
static void failed(struct adding *a, const struct err *why)
{
	if (!a->failed)
		a->first = *why;
	else
		fprintf(stderr, "%s: %s\n", cli_history.name, why->text);
	a->failed = true;
}

static void failed_in(struct adding *a, const char *dir, struct err *why)
{
	err_context(why, "%s", dir);
	failed(a, why);
}

static void add_run(struct adding *a, const char *dir)
{
	struct history_added added;
	struct err why;

	if (history_add(a->h, dir, a->opt->force, &added, &why) < 0)
		failed(a, &why);
	else if (a->opt->json)
		a->list = json_and(a->list, history_added_json(&added));
	else
		history_added_format(&added, a->out);
}

static void add_node(struct adding *a, const char *dir, const struct fleet_found *node)
{
	char path[RUNDIR_PATH];
	struct err why;

	if (rundir_path(dir, node->name, path, &why) < 0)
		failed(a, &why);
	else if (node->why)
		fprintf(stderr, "%s: left out: %s\n", path, node->why);
	else if (fleet_node_check(path, &why) < 0)
		failed_in(a, path, &why);
	else
		add_run(a, path);
}

/* Every run in a directory of a fleet. */
static void add_nodes(struct adding *a, const char *dir)
{
	struct fleet_nodes nodes = {0};
	struct err why;

	if (fleet_nodes_find(dir, &nodes, &why) < 0)
		failed(a, &why);
	for (size_t i = 0; i < nodes.count; i++)
		add_node(a, dir, &nodes.node[i]);
	fleet_nodes_release(&nodes);
}

static int add(struct history *h, const struct options *opt, const struct text_list *words,
	       struct buf *out, struct err *err)
{
	struct adding a = {.h = h, .opt = opt, .out = out};

	a.list = opt->json ? json_array() : NULL;
	for (size_t i = 1; i < words->count; i++)
		if (fleet_has_nodes(words->item[i]))
			add_nodes(&a, words->item[i]);
		else
			add_run(&a, words->item[i]);
	if (a.failed)
		*err = a.first;
	if (opt->json && json_write_answer("history-add", 1, json_pack("{s:o}", "runs", a.list),
					   out, a.failed ? &a.first : err) < 0)
		return -1;
	return a.failed ? -1 : 0;
}

static int list(struct history *h, const struct options *opt, const struct text_list *words,
		struct buf *out, struct err *err)
{
	return opt->json ? history_list_json(h, out, err) : history_list(h, out, err);
}

static int show(struct history *h, const struct options *opt, const struct text_list *words,
		struct buf *out, struct err *err)
{
	return opt->json ? history_show_json(h, words->item[1], out, err)
			 : history_show(h, words->item[1], out, err);
}

static int trend(struct history *h, const struct options *opt, const struct text_list *words,
		 struct buf *out, struct err *err)
{
	struct history_filter filter = {.workload = opt->workload, .layer = -1};
	struct history_trend t;
	char place[RUNDIR_PATH];
	uint64_t layer;
	size_t drawn;
	int rc;

	if (opt->layer) {
		if (opt->layer[strspn(opt->layer, "0123456789")])
			filter.name = opt->layer;
		else if (parse_u64(opt->layer, "--layer", 0, 63, &layer, err) < 0)
			return -1;
		else
			filter.layer = (int)layer;
	}
	if (interrupt_install(err) < 0 || history_trend(h, &filter, &t, err) < 0)
		return -1;
	if (filter.name && !t.count)
		rc = err_set(err, EXIT_USAGE,
			     "--layer: no run of the history has a layer \"%.80s\"", filter.name);
	else
		rc = opt->json ? history_trend_json(h, &t, out, err)
			       : history_trend_format(h, &t, opt->all, out, err);
	if (rc == 0 && opt->plots) {
		rc = trend_draw(&t, opt->plots, &drawn, err);
		if (rc == 0 && !opt->json)
			buf_addf(out, "%zu pictures are in %s\n", drawn,
				 printable(str_copy(place, sizeof(place), opt->plots)));
	}
	history_trend_release(&t);
	return rc;
}

/* In the order of action_names. */
static const struct action {
	size_t min_words, max_words; /* its name included */
	bool makes;		     /* a database where there is none */
	int (*run)(struct history *h, const struct options *opt, const struct text_list *words,
		   struct buf *out, struct err *err);
} actions[] = {
	{2, LIST_MAX, true, add},
	{1, 1, false, list},
	{2, 2, false, show},
	{1, 1, false, trend},
};

int cmd_history(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct buf out = BUF_INIT;
	struct history *h;
	struct err none;
	const struct action *action;
	int chosen;
	int done = options_parse(&cli_history, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	chosen = choice_find(cli_history.name, words.item[0], action_names, err);
	if (chosen < 0)
		return -1;
	action = &actions[chosen];
	if (words.count < action->min_words || words.count > action->max_words)
		return err_set(err, EXIT_USAGE,
			       "expected add RUN…, list, show RUN or trend "
			       "(see nestbench history --help)");
	h = history_open(opt.db, action->makes, err);
	if (!h)
		return -1;
	done = action->run(h, &opt, &words, &out, err);
	/* What was done before something failed is said too. */
	if (buf_print(&out, stdout, done == 0 ? err : &none) < 0)
		done = -1;
	buf_release(&out);
	history_close(h);
	return done;
}
