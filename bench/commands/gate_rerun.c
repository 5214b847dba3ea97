/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/gate_rerun.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/agent/programs.h"
#include "bench/run/rerun_argv.h"
#include "bench/run/run.h"
#include "drivers/host/machine.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "results/rundir/layers.h"

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("rerun: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
}

/* ---- what ---- */

static bool is_wanted(const struct gate_finding *f)
{
	if (f->state == GATE_REGRESSION)
		return true;
	return gate_is_inconclusive(f);
}

bool gate_rerun_wanted(const struct gate *g)
{
	for (size_t i = 0; i < g->findings; i++)
		if (is_wanted(&g->finding[i]))
			return true;
	return false;
}

static bool is_found(const struct gate *g, const struct manifest_job *job)
{
	for (size_t i = 0; i < g->findings; i++) {
		const struct compare_item *item = g->finding[i].item;

		if (is_wanted(&g->finding[i]) && strcmp(job->workload, item->workload) == 0 &&
		    strcmp(job->params, item->params) == 0 && job->threads == item->threads)
			return true;
	}
	return false;
}

size_t gate_rerun_choose(const struct gate *g, const struct manifest *m, bool *job)
{
	size_t count = 0;

	for (size_t i = 0; i < m->jobs; i++) {
		job[i] = is_found(g, &m->job[i]);
		count += job[i];
	}
	/* What every run measures by the way (boot.layer) needs a run, of whatever. */
	if (count == 0 && m->jobs) {
		job[0] = true;
		count = 1;
	}
	return count;
}

/* ---- where it can be run ---- */

static bool differs(const char *what, const char *then, const char *now, struct err *why)
{
	if (!then || (now && strcmp(then, now) == 0))
		return false;
	err_set(why, EXIT_MACHINE, "%s was %.80s and is %.80s now", what, then,
		now ? now : "not known");
	return true;
}

/* Whether this machine is still what the run was made on; why gets the first difference. */
static bool is_here(const char *dir, const struct manifest *m, struct err *why)
{
	static const char *const keys[] = {"cpu_model", "microcode", "kernel", "vcpus"};
	char host[MANIFEST_NAME], sha[SHA256_HEX] = "", dl[SHA256_HEX] = "";
	struct layers layers = {0};
	struct damage damage = {0};
	struct facts now = FACTS_INIT;
	struct err ignored;
	bool same;

	places_name_host(host);
	(void)program_hash("nestkernel", sha, &ignored);
	(void)program_hash("nestkernel-dl", dl, &ignored);
	machine_describe(&now);
	same = !differs("the machine", m->host, host, why) &&
	       !differs("nestkernel", facts_get(&m->hashes, "nestkernel_sha256"), sha, why) &&
	       !differs("nestkernel-dl", facts_get(&m->hashes, "nestkernel_dl_sha256"), dl, why);
	if (same && layers_read(dir, &layers, &damage, &ignored) == 0)
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && same; i++)
			same = !differs(keys[i], layers_get(&layers, 1, 0, keys[i]),
					facts_get(&now, keys[i]), why);
	layers_release(&layers);
	facts_release(&now);
	return same;
}

bool gate_rerun_same(const char *dir, const char *again, struct err *why)
{
	static const char *const keys[] = {"kernel", "microcode", "qemu", "libvirt"};
	struct env_differences d = {0};
	bool same = true;

	if (env_compare(dir, again, &d, why) < 0)
		return false;
	for (size_t i = 0; i < d.count && same; i++) {
		const struct env_difference *one = &d.item[i];
		char where[LAYER_NAME];

		same = one->weight != ENV_REFUSES;
		for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]) && same; k++)
			same = strcmp(one->key, keys[k]) != 0;
		if (!same)
			err_set(why, EXIT_MACHINE, "%s: %.60s was %.80s and is %.80s now",
				env_place(one, where), one->key, one->base, one->new);
	}
	env_differences_release(&d);
	return same;
}

/* ---- measuring ---- */

struct side {
	const char *dir; /* of the earlier run */
	struct manifest m;
	bool *job;
	size_t jobs;
	char out[RUNDIR_PATH];
	struct words words;
	struct run *run; /* borrowed */
};

/* The earlier run's plan and options, or why not. */
static int load_side(struct side *s, const struct gate *g, struct err *why)
{
	if (manifest_load(s->dir, &s->m, why) < 0)
		return -1;
	s->job = calloc(s->m.jobs + 1, sizeof(*s->job));
	if (!s->job || (s->jobs = gate_rerun_choose(g, &s->m, s->job)) == 0)
		return err_set(why, EXIT_USAGE, "its manifest holds no plan");
	return is_here(s->dir, &s->m, why) ? 0 : -1;
}

/* The run of a side: with its own options, and a plan that may be the other side's. */
static int parse_side(struct side *s, const struct side *plan, const struct rerun *how,
		      struct err *why)
{
	struct manifest m = plan->m;
	struct rerun mine = *how;

	m.command = s->m.command;
	mine.out = s->out;
	mine.job = plan->job;
	if (rerun_words(&m, &mine, &s->words, why) < 0 ||
	    words_add(&s->words, why, "--no-plots") < 0 ||
	    run_parse((int)s->words.count, s->words.item, s->run, why) != 0)
		return -1;
	return 0;
}

static int measure_new(struct side *s, uint64_t limit_ns, struct err *err)
{
	struct run_limit limit = {.ns = limit_ns, .clock = &clock_machine};
	struct run_purpose purpose = {
		.next = run_keep_limit, .next_ctx = &limit, .facts = FACTS_INIT};

	s->run->purpose = &purpose;
	return run_execute(s->run, err);
}

/* 0 also when something went wrong that leaves rows or none: then it is said. */
static int measure(struct side side[2], bool both, uint64_t limit_ns, struct err *err)
{
	struct err why;
	/* They lie one behind the other. */
	int done = both ? run_pair(side[0].run, limit_ns, &why)
			: measure_new(&side[1], limit_ns, &why);

	if (done < 0 && why.code == EXIT_INTERRUPTED) {
		*err = why;
		return -1;
	}
	if (done < 0)
		say("%s", why.text);
	return 0;
}

/* Takes a new run when it is there and of the version that it should be. */
static void take(const struct side *s, const char *name, char out[RUNDIR_PATH])
{
	struct err why;

	if (rundir_open(s->out, &why) < 0)
		return;
	if (gate_rerun_same(s->dir, s->out, &why))
		snprintf(out, RUNDIR_PATH, "%s", s->out);
	else
		say("%s is not %s any more and does not count: %s", s->out, name, why.text);
}

static void name_outs(struct side side[2], const char *out)
{
	char name[MANIFEST_NAME], host[MANIFEST_NAME], place[128];

	places_name_run(name, host);
	snprintf(place, sizeof(place), "nestbench-runs/%s-rerun", name);
	snprintf(side[0].out, RUNDIR_PATH, "%.4000s/base", out ? out : place);
	snprintf(side[1].out, RUNDIR_PATH, "%.4000s/new", out ? out : place);
}

static void side_release(struct side *s)
{
	run_release(s->run);
	words_release(&s->words);
	manifest_release(&s->m);
	free(s->job);
}

int gate_rerun(const struct gate *g, const char *base, const char *new,
	       const struct gate_rerun_options *options, struct gate_rerun_dirs *out,
	       struct err *err)
{
	struct run run[2] = {RUN_INIT, RUN_INIT};
	struct side side[2] = {{.dir = base, .run = &run[0]}, {.dir = new, .run = &run[1]}};
	const struct rerun how = {.boots = options->boots,
				  .seed = clock_now(&clock_machine) % INT64_MAX + 1};
	struct err why;
	bool both;
	int done = 0;

	*out = (struct gate_rerun_dirs){"", ""};
	name_outs(side, options->out);
	if (load_side(&side[1], g, &why) < 0) {
		say("nothing is measured again: NEW cannot be run here: %s", why.text);
		goto cleanup;
	}
	both = load_side(&side[0], g, &why) == 0 && parse_side(&side[0], &side[0], &how, &why) == 0;
	if (!both)
		say("only NEW is measured again, because BASE cannot be run here: %s", why.text);
	if (parse_side(&side[1], both ? &side[0] : &side[1], &how, &why) < 0) {
		say("nothing is measured again: NEW cannot be run here: %s", why.text);
		goto cleanup;
	}
	say("measuring %zu of %zu workloads again, %s", side[both ? 0 : 1].jobs,
	    side[both ? 0 : 1].m.jobs, both ? "BASE and NEW in turns" : "NEW only");
	done = measure(side, both, options->limit_ns, err);
	if (done == 0 && both)
		take(&side[0], "BASE", out->base);
	if (done == 0)
		take(&side[1], "NEW", out->new);
cleanup:
	side_release(&side[0]);
	side_release(&side[1]);
	return done;
}
