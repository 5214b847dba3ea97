/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/link/channel.h"
#include "bench/run/adaptive.h"
#include "bench/run/rerun_argv.h"
#include "bench/run/run_dirs.h"
#include "drivers/libvirt/options.h"
#include "lib/options.h"
#include "results/rundir/rundir.h"

struct options {
	uint64_t budget_ns, depth;
	const char *profile, *accel, *connect, *memory, *vcpus, *out, *command;
	struct text_list workloads;
	bool json;
};

static const struct option options[] = {
	{"budget", OPT_DURATION, OFFSET(budget_ns), "TIME", "10m", NS_PER_S,
	 UINT64_C(30) * 24 * 3600 * NS_PER_S, "the time to make the most of"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object"},
	{"depth", OPT_COUNT, OFFSET(depth), "N", "2", 0, DEPTH_MAX,
	 "of a new pilot, as of nestbench run; so are the following"},
	{"profile", OPT_TEXT, OFFSET(profile), "NAME", .help = "likewise", .value = VALUE_PROFILE},
	{"workloads", OPT_LIST, OFFSET(workloads), "GLOB", .help = "likewise", .value = VALUE_WORK},
	{"command", OPT_TEXT, OFFSET(command), "LINE", .help = "likewise"},
	{"vcpus", OPT_TEXT, OFFSET(vcpus), "N", .help = "likewise"},
	{"memory", OPT_TEXT, OFFSET(memory), "SIZE", .help = "likewise"},
	{"accel", OPT_TEXT, OFFSET(accel), "NAME", .help = "likewise", .choices = accel_names},
	{"connect", OPT_TEXT, OFFSET(connect), "URI", .help = "likewise"},
	{"out", OPT_TEXT, OFFSET(out), "DIR", .help = "likewise", .value = VALUE_DIR},
	{0},
};

const struct cli cli_plan = {
	.name = "nestbench plan",
	.examples = "  nestbench plan --budget 10m RUN         from what an earlier run varied\n"
		    "  nestbench plan --budget 1h --depth 2    from a new pilot of two boots\n",
	.words = "[RUN]",
	.max_words = 1,
	.about = "Says how many boots, rounds and batches give the narrowest intervals in a given "
		 "time, from the variance and the cost at each level of a pilot (Kalibera & Jones, "
		 "ISMM 2013), and how wide each workload's interval will be. `nestbench run "
		 "--budget TIME` does all that in one go.",
	.options = options,
	.word = VALUE_RUN,
};

static int pilot_words(const struct options *o, const char *dir, struct words *w, struct err *err)
{
	const struct {
		const char *name, *value;
	} given[] = {{"out", dir},	     {"profile", o->profile}, {"command", o->command},
		     {"vcpus", o->vcpus},    {"memory", o->memory},   {"accel", o->accel},
		     {"connect", o->connect}};

	if (words_add(w, err, "run") < 0 || words_add(w, err, "--boots=%d", ADAPTIVE_BOOTS) < 0 ||
	    words_add(w, err, "--rounds=%d", ADAPTIVE_ROUNDS) < 0 ||
	    words_add(w, err, "--no-plots") < 0 ||
	    words_add(w, err, "--depth=%u", (unsigned)o->depth) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		if (given[i].value &&
		    words_add(w, err, "--%s=%s", given[i].name, given[i].value) < 0)
			return -1;
	for (size_t i = 0; i < o->workloads.count; i++)
		if (words_add(w, err, "--workloads=%s", o->workloads.item[i]) < 0)
			return -1;
	return 0;
}

/* Measures the pilot. Its table goes to stderr: stdout is for the plan. */
static int measure_pilot(const struct options *o, const char *dir, struct err *err)
{
	struct words w = WORDS_INIT;
	int rc = pilot_words(o, dir, &w, err), out = -1;

	if (rc == 0) {
		fflush(stdout);
		out = dup(STDOUT_FILENO);
		if (out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
			rc = err_errno(err, EXIT_INTERNAL, "cannot turn the pilot's table away");
	}
	if (rc == 0 && cmd_run((int)w.count, w.item, err) < 0)
		rc = -1;
	fflush(stdout);
	if (out >= 0) {
		dup2(out, STDOUT_FILENO);
		close(out);
	}
	words_release(&w);
	return rc;
}

static int answer(const struct options *o, const char *dir, struct err *err)
{
	struct replication pilot = {0};
	struct replication_cost cost = {0};
	struct replication_plan plan;
	struct buf out = BUF_INIT;
	int rc = -1;

	if (replication_read(dir, &pilot, err) < 0)
		return -1;
	damage_format(dir, &pilot.damage, &out);
	if (buf_print(&out, stderr, err) < 0)
		goto cleanup;
	buf_clear(&out);
	if (replication_cost_read(dir, &pilot, &cost, err) < 0 ||
	    replication_plan_make(&plan, &pilot, &cost, (double)o->budget_ns * 1e-9, err) < 0)
		goto cleanup;
	rc = 0;
	if (o->json)
		rc = replication_plan_json(&plan, &out, err);
	else
		replication_plan_text(&plan, &out);
cleanup:
	rc = answer_give(&out, NULL, rc, err);
	replication_release(&pilot);
	return rc;
}

int cmd_plan(int argc, char **argv, struct err *err)
{
	struct options o = {0};
	struct text_list words = {0};
	char dir[128], name[MANIFEST_NAME], host[MANIFEST_NAME];
	int done = options_parse(&cli_plan, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (words.count)
		return answer(&o, words.item[0], err);
	places_name_run(name, host);
	snprintf(dir, sizeof(dir), "nestbench-runs/%s-pilot", name);
	if (measure_pilot(&o, o.out ? o.out : dir, err) < 0)
		return -1;
	return answer(&o, o.out ? o.out : dir, err);
}
