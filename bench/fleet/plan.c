/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/fleet/plan.h"

#include <inttypes.h>
#include <string.h>

#include "bench/config/config.h"
#include "bench/run/run.h"
#include "lib/str.h"
#include "results/rundir/members.h"

/* What the fleet says itself, or what is about the place of the answer. */
static const char *const ours[] = {"out",    "json", "quiet",	    "no-plots",	    "seed", "image",
				   "kernel", "with", "with-opencl", "module-param", NULL};
/* What chooses the counts. */
static const char *const counts[] = {"budget", "precision", "boots", "rounds", "batches", NULL};

static const struct command *find_run(void)
{
	const struct command *c = config_known();

	while (strcmp(c->name, "run") != 0)
		c++;
	return c;
}

/* ---- what is asked for ---- */

static int expand(const struct words *given, struct words *all, struct err *err)
{
	const struct command *run = find_run();
	struct config config = {0};
	struct buf said = BUF_INIT;
	int argc = (int)given->count, done = 0;

	if (config_is_wanted(run, argc, given->item)) {
		done = config_read(&config, config_known(), err);
		if (done == 0)
			done = config_expand(&config, run, argc, given->item, all, &said, err);
	}
	if (said.len)
		fprintf(stderr, "%s\n", buf_str(&said));
	buf_release(&said);
	config_release(&config);
	return done;
}

char **fleet_plan_options(const char *const *given, struct err *err)
{
	struct words words = WORDS_INIT, all = WORDS_INIT;
	char **options = NULL;
	int done = words_add(&words, err, "run");

	for (; done == 0 && *given; given++)
		done = words_add(&words, err, "%s", *given);
	if (done == 0)
		done = expand(&words, &all, err);
	if (done == 0) {
		/* Without "run" itself. */
		options = member_words_copy((const char *const *)(all.count ? &all : &words)->item +
					    1);
		if (!options)
			err_set(err, EXIT_INTERNAL, "out of memory for the options");
	}
	words_release(&words);
	words_release(&all);
	return options;
}

/* ---- the words for the nodes ---- */

/* All options of a command line of run but those that are named. */
static int add_others(struct words *w, int argc, char **argv, bool counts_too, struct err *err)
{
	struct option_walk walk = {.cli = &cli_run, .argc = argc, .argv = argv, .next = 1};
	struct option_word word;
	int more;

	while ((more = options_walk(&walk, &word, err)) > 0) {
		if (word.option && (str_is_one_of(word.option->name, ours) ||
				    (!counts_too && str_is_one_of(word.option->name, counts))))
			continue;
		for (int i = word.first; i < walk.next; i++)
			if (words_add(w, err, "%s", argv[i]) < 0)
				return -1;
	}
	return more;
}

static int make_words(struct words *w, const struct fleet *f, int argc, char **argv, bool pilot,
		      struct err *err)
{
	words_release(w);
	if (words_add(w, err, "run") < 0 || add_others(w, argc, argv, pilot, err) < 0 ||
	    words_add(w, err, "--seed=%" PRIu64, f->seed) < 0 || words_add(w, err, "--quiet") < 0 ||
	    words_add(w, err, "--no-plots") < 0)
		return -1;
	if (pilot)
		return 0;
	return words_add(w, err, "--boots=%" PRIu32, f->boots) < 0 ||
			       words_add(w, err, "--rounds=%" PRIu32, f->rounds) < 0
		       ? -1
		       : words_add(w, err, "--batches=%" PRIu32, f->batches);
}

/* The command line of run, from the state; argv ends with NULL. */
static int make_argv(struct words *argv, const struct fleet *f, struct err *err)
{
	int done = words_add(argv, err, "run");

	for (char **word = f->run_options; done == 0 && word && *word; word++)
		done = words_add(argv, err, "%s", *word);
	return done;
}

/* ---- the plan ---- */

static int check(struct run *r, struct words *argv, struct err *err)
{
	int done;

	r->elsewhere = true;
	done = run_parse((int)argv->count, argv->item, r, err);
	if (done > 0)
		return err_set(err, EXIT_USAGE, "expected options of nestbench run behind --");
	if (done == 0 && r->opt.ab.item[0])
		return err_set(err, EXIT_USAGE,
			       "--ab is for one machine: make a fleet of each version");
	if (done == 0 && r->opt.out)
		return err_set(
			err, EXIT_USAGE,
			"--out belongs before the --: its directory holds the runs of all nodes");
	return done;
}

static int settle(struct fleet_plan *p, struct fleet *f, struct run *r, struct words *argv,
		  struct err *err)
{
	const struct adaptive_options *size = &r->opt.size;

	if (!f->seed)
		f->seed = r->opt.seed;
	if (!f->rounds && !adaptive_is_wanted(size)) {
		f->boots = (uint32_t)size->boots;
		f->rounds = (uint32_t)size->rounds;
		f->batches = (uint32_t)size->batches;
	}
	p->needs_pilot = !f->rounds;
	return make_words(&p->words, f, (int)argv->count, argv->item, p->needs_pilot, err);
}

int fleet_plan_make(struct fleet_plan *p, struct fleet *f, struct err *err)
{
	struct words argv = WORDS_INIT;
	struct run r = RUN_INIT;
	int done = make_argv(&argv, f, err);

	if (done == 0)
		done = check(&r, &argv, err);
	progress_init(&r.progress, &clock_machine, r.opt.quiet);
	if (done == 0)
		done = run_make_image(&r, err);
	if (done == 0)
		done = settle(p, f, &r, &argv, err);
	if (done == 0) {
		p->image = r.image;
		r.image = (struct image)IMAGE_NONE;
	}
	run_release(&r);
	words_release(&argv);
	return done;
}

/* What a node says of itself must be what run takes. */
static bool is_count(const char *name, uint32_t count)
{
	const struct option *o = option_find(cli_run.options, name, strlen(name));

	return count >= o->min && count <= o->max;
}

int fleet_plan_settle(struct fleet_plan *p, struct fleet *f, const char *dir, const char *node,
		      struct err *err)
{
	struct words argv = WORDS_INIT;
	struct manifest m = {0};
	char path[RUNDIR_PATH];
	int done = rundir_path(dir, node, path, err);

	if (done == 0)
		done = manifest_load(path, &m, err);
	if (done == 0 && !(is_count("boots", m.boots) && is_count("rounds", m.rounds) &&
			   is_count("batches", m.batches)))
		done = err_set(err, EXIT_MACHINE, "the run of %s does not say what it measured",
			       node);
	if (done == 0)
		done = make_argv(&argv, f, err);
	if (done == 0) {
		f->boots = m.boots;
		f->rounds = m.rounds;
		f->batches = m.batches;
		p->needs_pilot = false;
		done = make_words(&p->words, f, (int)argv.count, argv.item, false, err);
	}
	manifest_release(&m);
	words_release(&argv);
	return done;
}

void fleet_plan_release(struct fleet_plan *p)
{
	image_release(&p->image);
	words_release(&p->words);
}
