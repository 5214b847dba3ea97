/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/agent/programs.h"
#include "bench/cleanup/owners.h"
#include "bench/commands/command.h"
#include "bench/run/leftovers.h"
#include "bench/run/rerun_argv.h"
#include "bench/run/run.h"
#include "bench/run/version.h"
#include "bench/session/resume_state.h"
#include "drivers/host/machine.h"
#include "lib/options.h"
#include "results/rundir/layers.h"
#include "results/rundir/rows.h"

struct options {
	bool alongside, quiet, no_plots, json;
};

static const struct option options[] = {
	{"alongside", OPT_FLAG, OFFSET(alongside),
	 .help = "start although another run is under way; both will be disturbed"},
	{"quiet", OPT_FLAG, OFFSET(quiet), .help = "say only what goes wrong, and the answer"},
	{"no-plots", OPT_FLAG, OFFSET(no_plots), .help = "do not draw"},
	{"json", OPT_FLAG, OFFSET(json),
	 .help = "print the answer as one JSON object, as of nestbench summary"},
	{0},
};

const struct cli cli_resume = {
	.name = "nestbench resume",
	.examples = "  nestbench resume nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about = "Completes a run that was interrupted or killed: what its plan lacks is measured "
		 "with the same counts and in the same order, and added to its rows; none is "
		 "measured twice. A boot that was under way is started again and goes on with the "
		 "round that was cut short; its figures carry the flag \"resumed\". Refused where "
		 "machine, kernel, libvirt, QEMU, programs or image are others than before, and "
		 "for the sides of run --ab. What failed because a layer was lost is finished: "
		 "nestbench rerun measures it again.",
	.options = options,
	.word = VALUE_RUN,
};

static void say(void *ctx, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/* The machine as L0's agent described it, if the run came so far. */
static int check_machine(const char *dir, struct err *err)
{
	static const struct {
		const char *key, *what;
	} facts[] = {{"cpu_model", "the CPU"},
		     {"kernel", "the kernel"},
		     {"vcpus", "the number of CPUs"},
		     {"environment", "the environment that libraries obey"}};
	struct layers layers = {0};
	struct damage damage = {0};
	struct facts now = FACTS_INIT;
	int done = layers_read(dir, &layers, &damage, err);

	machine_describe(&now);
	for (size_t i = 0; done == 0 && i < sizeof(facts) / sizeof(facts[0]); i++) {
		const char *before = layers_get(&layers, 1, 0, facts[i].key);

		if (before)
			done = resume_state_same(facts[i].what, before,
						 facts_get(&now, facts[i].key), err);
	}
	facts_release(&now);
	layers_release(&layers);
	return done;
}

/* The default one is looked at when it has started L1: it may be another machine's. */
static int check_emulator(const struct manifest *m, struct err *err)
{
	const char *emulator = rerun_option(m->command, EMULATOR_OPTION);
	char path[RUNDIR_PATH], sha[SHA256_HEX];

	if (!emulator)
		return 0;
	if (version_emulator(emulator, path, err) < 0 || file_sha256(path, sha, err) < 0)
		return err_context(err, "--" EMULATOR_OPTION);
	return resume_state_same("the QEMU of --qemu", facts_get(&m->hashes, EMULATOR_SHA256), sha,
				 err);
}

static int check_unchanged(const char *dir, const struct manifest *m, struct err *err)
{
	const char *dl = facts_get(&m->hashes, "nestkernel_dl_sha256");
	char host[MANIFEST_NAME], sha[SHA256_HEX];

	places_name_host(host);
	if (resume_state_same("the machine", m->host, host, err) < 0 ||
	    resume_state_same("nestbench", facts_get(&m->versions, "nestbench"), NESTBENCH_VERSION,
			      err) < 0 ||
	    program_hash("nestkernel", sha, err) < 0 ||
	    resume_state_same("nestkernel", facts_get(&m->hashes, "nestkernel_sha256"), sha, err) <
		    0 ||
	    check_emulator(m, err) < 0)
		return -1;
	/* A run need not have it. */
	if (dl && (program_hash("nestkernel-dl", sha, err) < 0 ||
		   resume_state_same("nestkernel-dl", dl, sha, err) < 0))
		return -1;
	return check_machine(dir, err);
}

/* Whether rows and facts can be added, before anything is started. */
static int check_files(const char *dir, struct err *err)
{
	char path[RUNDIR_PATH];

	if (rundir_path(dir, ROWS_FILE, path, err) < 0 ||
	    csv_append_check(path, ROWS_HEADER, err) < 0 ||
	    rundir_path(dir, LAYERS_FILE, path, err) < 0)
		return -1;
	return csv_append_check(path, LAYERS_HEADER, err) < 0 ? -1 : 0;
}

/* -1 where there is nothing to complete. */
static int check_state(const char *dir, const struct manifest *m, struct err *err)
{
	if (registry_dir_in_use(dir))
		return err_set(err, EXIT_USAGE, "%s is still being measured", dir);
	if (facts_get(&m->more, "ab_side"))
		return err_set(
			err, EXIT_USAGE,
			"%s is one side of two whose boots took turns, which one alone cannot "
			"go on with; measure both again with `nestbench run --ab`",
			dir);
	if (m->state == RUN_COMPLETE)
		return err_set(err, EXIT_USAGE,
			       "%s is complete: every planned job has its rows (measure it again "
			       "with `nestbench rerun`)",
			       dir);
	if (m->format < MANIFEST_FORMAT)
		return err_set(err, EXIT_USAGE,
			       "%s was begun by an older nestbench, whose rows have fewer columns "
			       "(format %" PRIu32
			       "; rows are added to format %d only): complete it "
			       "with that version, or measure anew with `nestbench rerun`",
			       dir, m->format, MANIFEST_FORMAT);
	return check_files(dir, err);
}

static int make_words(const struct manifest *m, const struct options *opt, struct words *line,
		      struct err *err)
{
	static const struct rerun same_plan = {0};

	if (rerun_words(m, &same_plan, line, err) < 0 ||
	    (opt->alongside && words_add(line, err, "--alongside") < 0) ||
	    (opt->quiet && words_add(line, err, "--quiet") < 0) ||
	    (opt->no_plots && words_add(line, err, "--no-plots") < 0))
		return -1;
	return 0;
}

int cmd_resume(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct run r = RUN_INIT;
	struct manifest m = {0};
	struct words line = WORDS_INIT;
	const char *dir;
	struct cleaning c = {.say = say};
	int done = options_parse(&cli_resume, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	dir = words.item[0];
	if (manifest_load(dir, &m, err) < 0)
		return -1;
	done = check_state(dir, &m, err);
	if (done == 0)
		done = check_unchanged(dir, &m, err);
	if (done == 0)
		done = make_words(&m, &opt, &line, err);
	/* A killed run's scratch file would be in the way. */
	if (done == 0)
		done = leftovers_clean_dir(&c, dir, err);
	if (done == 0)
		done = run_parse((int)line.count, line.item, &r, err);
	r.resumed_dir = dir;
	r.opt.json = opt.json;
	if (done == 0)
		done = run_execute(&r, err);
	run_release(&r);
	words_release(&line);
	manifest_release(&m);
	return done;
}
