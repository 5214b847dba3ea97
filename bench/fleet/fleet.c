/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/fleet/compare.h"
#include "bench/fleet/hosts.h"
#include "bench/fleet/measure.h"
#include "bench/fleet/plan.h"
#include "bench/fleet/slurm_tools.h"
#include "bench/run/run.h"
#include "lib/nearest.h"
#include "lib/options.h"
#include "lib/str.h"
#include "results/fleet/status.h"

struct options {
	const char *hosts, *slurm, *nodes, *time, *out, *config, *dir;
	uint64_t parallel;
	bool quiet, json;
	struct fleet_compare_request compare;
};

static const struct option options[] = {
	{"hosts", OPT_TEXT, OFFSET(hosts), "LIST",
	 .help = "run: the machines, by ssh: [USER@]HOST[:PORT], parted by commas; node[1-8] "
		 "stands for eight (expanded by clustershell's nodeset, or by scontrol)",
	 .group = "The nodes"},
	{"slurm", OPT_TEXT, OFFSET(slurm), "[PARTITION]",
	 .help = "run: the machines of a partition of Slurm (alone: of the default one), each by a "
		 "job that has it for itself",
	 .missing = ""},
	{"nodes", OPT_TEXT, OFFSET(nodes), "LIST",
	 .help = "run, with --slurm: these of them, as Slurm writes it: n[1-8],big1"},
	{"time", OPT_TEXT, OFFSET(time), "TIME",
	 .help = "run, with --slurm: time limit of each job, as of sbatch, three minutes or more "
		 "(default: that of the partition)"},
	{"parallel", OPT_COUNT, OFFSET(parallel), "N", "8", 1, 10000,
	 "run: at most so many nodes at once"},
	{"ssh-config", OPT_TEXT, OFFSET(config), "FILE",
	 .help = "run: configuration for ssh (its -F)", .value = VALUE_FILE},
	{"dir", OPT_TEXT, OFFSET(dir), "DIR",
	 .help = "run: where on a node a directory is made and removed (default: $TMPDIR there, or "
		 "/tmp)"},
	{"out", OPT_TEXT, OFFSET(out), "DIR",
	 .help = "run: the directory of the fleet (default: nestbench-fleets/TIME-HOST)",
	 .group = "Output", .value = VALUE_DIR},
	{"quiet", OPT_FLAG, OFFSET(quiet), .help = "say only what goes wrong, and the answer"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object, as of status"},
	FLEET_COMPARE_OPTIONS,
	{0},
};

static const char *const rivals[] = {"hosts", "slurm", NULL};

static const char *const action_names[] = {"run", "resume", "status", "compare", NULL};

const struct cli cli_fleet = {
	.name = "nestbench fleet",
	.examples = "  nestbench fleet run --hosts 'node[1-8],big1' -- --budget 10m\n"
		    "  nestbench fleet run --hosts lab1,lab2 --out lab -- --profile standard\n"
		    "  nestbench fleet run --slurm batch --nodes 'n[1-8]' -- --profile quick\n"
		    "  nestbench fleet status lab\n"
		    "  nestbench fleet resume lab\n"
		    "  nestbench fleet compare lab --report fleet.html\n",
	.words = "run [-- OPTION…] | resume DIR | status DIR | compare DIR",
	.min_words = 1,
	.max_words = LIST_MAX,
	.about =
		"Measures the same on many machines: the OPTIONs are those of nestbench run, which "
		"runs on each node, with one seed. Where run is to find out how much to measure "
		"(--budget, --precision), the first node does, and the others measure as much. The "
		"programs, and the guest image, are copied to each node, or found there on a file "
		"system that it shares with this machine, and verified; nothing stays there.\n"
		"\n"
		"DIR/NODE is each node's run, DIR/fleet.json what was asked for and how far it "
		"came. "
		"A node that cannot be measured is named with the reason, the others are measured, "
		"and the exit code is 3; resume tries those again that are not done. Ctrl-C ends "
		"the "
		"runs on the nodes. Jobs of Slurm live on when nestbench is killed, and resume "
		"finds them again, where the node shares the file system of DIR. "
		"status shows each node, and how long the rest will take. "
		"compare names the nodes that differ from the others of their class of machines, "
		"in what, and what differs in their environment, and ranks all by their usable "
		"share; it takes any folder of run directories.",
	.options = options,
	.rivals = rivals,
	.word_choices = action_names,
	.word = VALUE_DIR,
	.behind = &cli_run,
};

/* How far it came, on stdout, whatever went wrong. */
static int answer(const struct options *opt, const char *dir, struct fleet *f, int rc,
		  struct err *err)
{
	struct fleet_status s;
	struct buf out = BUF_INIT;
	struct err ignored;
	int done;

	fleet_sort(f);
	done = fleet_status_make(&s, f, dir, time(NULL), rc < 0 ? &ignored : err);
	if (done == 0 && opt->json)
		done = fleet_status_json(&s, &out, rc < 0 ? &ignored : err);
	else if (done == 0)
		fleet_status_text(&s, &out);
	done = answer_give(&out, NULL, done, rc < 0 ? &ignored : err);
	return rc < 0 ? rc : done;
}

static int choose_dir(const struct options *opt, char dir[RUNDIR_PATH], struct err *err)
{
	char run[MANIFEST_NAME], host[MANIFEST_NAME];

	if (opt->out && strlen(opt->out) >= RUNDIR_PATH)
		return err_set(err, EXIT_USAGE, "--out: the path is too long");
	places_name_run(run, host);
	snprintf(dir, RUNDIR_PATH, "%s%s", opt->out ? "" : "nestbench-fleets/",
		 opt->out ? opt->out : run);
	return 0;
}

/* Resumed elsewhere it is the same file. */
static int keep_config(struct fleet *f, const char *path, struct err *err)
{
	char *real = realpath(path, NULL);

	if (!real)
		return err_errno(err, EXIT_USAGE, "--ssh-config: cannot read %s", path);
	facts_set(&f->options, "config", "%s", real);
	free(real);
	return 0;
}

static int fill_ssh(struct fleet *f, const struct options *opt, struct err *err)
{
	str_copy(f->engine, sizeof(f->engine), "ssh");
	if (opt->nodes || opt->time)
		return err_set(err, EXIT_USAGE,
			       "--nodes and --time are of --slurm, not of --hosts");
	if (opt->config && keep_config(f, opt->config, err) < 0)
		return -1;
	if (opt->dir)
		facts_set(&f->options, "dir", "%s", opt->dir);
	return fleet_hosts_add(f, opt->hosts, err);
}

static int fill_slurm(struct fleet *f, const struct options *opt, struct err *err)
{
	struct words names = WORDS_INIT;
	int done;

	str_copy(f->engine, sizeof(f->engine), "slurm");
	if (opt->config)
		return err_set(err, EXIT_USAGE, "--ssh-config is of --hosts, not of --slurm");
	if (opt->dir)
		facts_set(&f->options, "dir", "%s", opt->dir);
	if (*opt->slurm)
		facts_set(&f->options, "partition", "%s", opt->slurm);
	if (opt->time)
		facts_set(&f->options, "time", "%s", opt->time);
	done = slurm_nodes(*opt->slurm ? opt->slurm : NULL, opt->nodes, &names, err);
	for (size_t i = 0; done == 0 && i < names.count; i++)
		done = fleet_add_node(f, names.item[i], err);
	if (done < 0 && opt->nodes)
		err_context(err, "--nodes");
	words_release(&names);
	return done;
}

static int fill(struct fleet *f, const struct options *opt, const struct text_list *words,
		struct err *err)
{
	if (!opt->hosts == !opt->slurm)
		return err_set(err, EXIT_USAGE,
			       "fleet run needs either --hosts LIST or --slurm [PARTITION]");
	f->parallel = (uint32_t)opt->parallel;
	if ((opt->hosts ? fill_ssh(f, opt, err) : fill_slurm(f, opt, err)) < 0)
		return -1;
	f->run_options = fleet_plan_options(words->item + 1, err);
	return f->run_options ? 0 : -1;
}

static int run(const struct options *opt, const struct text_list *words, struct err *err)
{
	struct fleet f = {0};
	char dir[RUNDIR_PATH];
	int done = fill(&f, opt, words, err);

	if (done == 0)
		done = choose_dir(opt, dir, err);
	if (done == 0) {
		done = fleet_begin(dir, &f, opt->quiet, err);
		if (fleet_is_there(dir))
			done = answer(opt, dir, &f, done, err);
	}
	fleet_release(&f);
	return done;
}

static int resume(const struct options *opt, const struct text_list *words, struct err *err)
{
	const char *dir = words->item[1];
	struct fleet f = {0};
	int done = fleet_load(dir, &f, err);

	if (done == 0) {
		done = fleet_go_on(dir, &f, opt->quiet, err);
		done = answer(opt, dir, &f, done, err);
	}
	fleet_release(&f);
	return done;
}

static int status(const struct options *opt, const struct text_list *words, struct err *err)
{
	struct fleet f = {0};
	int done = fleet_load(words->item[1], &f, err);

	if (done == 0)
		done = answer(opt, words->item[1], &f, 0, err);
	fleet_release(&f);
	return done;
}

static int compare(const struct options *opt, const struct text_list *words, struct err *err)
{
	struct fleet_compare_request request = opt->compare;

	request.json = opt->json;
	return fleet_compare_print(words->item[1], &request, err);
}

/* In the order of action_names. */
static const struct action {
	size_t min_words, max_words; /* its name included */
	int (*run)(const struct options *opt, const struct text_list *words, struct err *err);
} actions[] = {
	{1, LIST_MAX, run},
	{2, 2, resume},
	{2, 2, status},
	{2, 2, compare},
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
