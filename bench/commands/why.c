/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/options.h"
#include "results/exits/why.h"

struct options {
	struct text_list workloads;
	const char *layer;
	bool json;
};

static const struct option options[] = {
	{"workloads", OPT_LIST, OFFSET(workloads), "GLOB", .help = "only these; may be repeated",
	 .value = VALUE_WORKLOAD},
	{"layer", OPT_TEXT, OFFSET(layer), "NAME",
	 .help = "only this layer, as summary names it (default: all)"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object, with every counter"},
	{0},
};

const struct cli cli_why = {
	.name = "nestbench why",
	.examples = "  nestbench why nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n"
		    "  nestbench why RUN --layer L2 --workloads 'cpu.*'\n"
		    "  nestbench why RUN --json | jq '.workloads[] | {workload, layer, "
		    "explained_share}'\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about = "Explains what the layers of a run cost by the exits that were counted while it "
		 "ran: how many one operation causes, by reason; which of them belong to the "
		 "operation (proportional) and which to the time it takes (per second); how many "
		 "exits of the parent layer one exit of the child layer becomes; and how much of "
		 "the time beyond the parent layer counts times prices explain. Prices are those "
		 "that the workloads exit.* and sleep of the same run pay. "
		 "results/exits/exit_counts.h and why.h describe the method.",
	.options = options,
	.word = VALUE_RUN,
};

static int find_layer(const struct summary *s, const char *name, uint32_t *layer, struct err *err)
{
	struct buf names = BUF_INIT;

	*layer = name ? layer_tree_find(&s->tree, name) : LAYER_NO_PARENT;
	if (!name || *layer < s->layers)
		return 0;
	for (uint32_t k = 0; k < s->layers; k++)
		buf_addf(&names, "%s%s", k ? ", " : "", summary_layer_name(s, k));
	err_set(err, EXIT_USAGE, "--layer %s: the run has no such layer; it has %s", name,
		buf_str(&names));
	buf_release(&names);
	return -1;
}

static int answer(const struct options *o, const struct summary *s, struct err *err)
{
	struct why_filter filter = {.workloads = o->workloads.item};
	struct buf out = BUF_INIT, damage = BUF_INIT;
	struct why w;
	int rc = 0;

	if (find_layer(s, o->layer, &filter.layer, err) < 0 || why_make(s, &w, err) < 0)
		return -1;
	damage_format(s->dir, &w.counts.damage, &damage);
	if (o->json)
		rc = why_format_json(&w, &filter, &out, err);
	else
		why_format(&w, &filter, &out);
	rc = answer_give(&out, NULL, rc, err);
	if (rc == 0)
		rc = buf_print(&damage, stderr, err);
	buf_release(&damage);
	why_release(&w);
	return rc;
}

int cmd_why(int argc, char **argv, struct err *err)
{
	struct options o = {0};
	struct text_list words = {0};
	struct run_list runs;
	int done = options_parse(&cli_why, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	done = runs_read(cli_why.name, &words, &runs, err);
	if (done == 0)
		done = runs_know(&o.workloads, runs.item, runs.count, err);
	if (done == 0)
		done = answer(&o, runs.item, err);
	runs_release(&runs);
	return done;
}
