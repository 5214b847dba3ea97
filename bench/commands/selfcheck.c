/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdbool.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/link/channel.h"
#include "bench/run/run.h"
#include "bench/run/selfcheck_plan.h"
#include "drivers/libvirt/options.h"
#include "lib/clock.h"
#include "results/selfcheck/selfcheck.h"
#include "workloads/lib/scratch.h"

/* A sign test of fewer rounds has no 95 % interval. */
enum { ROUNDS_MIN = 6, ROUNDS_MAX = 1000, TRIES_MAX = 1000 };

struct options {
	struct run_options run;
	struct text_list checks, workloads;
	uint64_t budget_ns, tries, rounds;
	bool json;
};

static const struct option options[] = {
	{"depth", OPT_COUNT, OFFSET(run.depth), "N", "0", 0, DEPTH_MAX,
	 "the deepest layer to check"},
	{"budget", OPT_DURATION, OFFSET(budget_ns), "TIME", "10m", NS_PER_S, 24 * 3600 * NS_PER_S,
	 "make as many tries as fit"},
	{"tries", OPT_COUNT, OFFSET(tries), "N", "1000", 1, TRIES_MAX, "but no more than these"},
	{"rounds", OPT_COUNT, OFFSET(rounds), "N", "25", ROUNDS_MIN, ROUNDS_MAX, "rounds of a try"},
	{"check", OPT_LIST, OFFSET(checks), "NAME",
	 .help = "only these: alarms (A/A), cpu, syscall, mem (injections of that kind)",
	 .choices = selfcheck_names},
	{"workloads", OPT_LIST, OFFSET(workloads), "GLOB",
	 .help = "of the A/A check, as of run (default: a few of every kind)", .value = VALUE_WORK},
	{"batch-time", OPT_DURATION, OFFSET(run.batch_ns), "TIME", "2ms", NS_PER_MS, 600 * NS_PER_S,
	 "of a batch on the slowest layer; short ones fit between disturbances"},
	{"vcpus", OPT_COUNT, OFFSET(run.vcpus), "N", "1", 1, 512, "as of run"},
	{"memory", OPT_SIZE, OFFSET(run.memory), "SIZE", "640MiB", UINT64_C(256) << 20,
	 UINT64_C(1) << 46, "as of run"},
	{"scratch", OPT_SIZE, OFFSET(run.scratch), "SIZE", "256MiB", SCRATCH_MIN_BYTES,
	 UINT64_C(1) << 46, "as of run"},
	{"accel", OPT_TEXT, OFFSET(run.accel), "NAME", "auto", .help = "as of run",
	 .choices = accel_names},
	{"connect", OPT_TEXT, OFFSET(run.connect), "URI", .help = "as of run"},
	{"seed", OPT_COUNT, OFFSET(run.seed), "N", NULL, 1, INT64_MAX, "as of run"},
	{"out", OPT_TEXT, OFFSET(run.out), "DIR",
	 .help = "the run directory (default: nestbench-runs/TIME-HOST)", .value = VALUE_DIR},
	{"alongside", OPT_FLAG, OFFSET(run.alongside), .help = "as of run"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print JSON"},
	{"quiet", OPT_FLAG, OFFSET(run.quiet), .help = "say only what goes wrong, and the answer"},
	{0},
};

const struct cli cli_selfcheck = {
	.name = "nestbench selfcheck",
	.examples =
		"  nestbench selfcheck                           this machine, ten minutes\n"
		"  nestbench selfcheck --depth 2 --budget 20m    the VMs too\n"
		"  nestbench selfcheck --workloads 'mem.*' --rounds 20\n"
		"  nestbench selfcheck nestbench-runs/RUN        computed again from its rows\n",
	.words = "[RUN]",
	.max_words = 1,
	.about = "Checks the instrument by what it must find, and must not find, on the way that "
		 "every run takes: the same work under two names (what is called different is a "
		 "false alarm), work made slower by a known 1 to 10 % (how often it is found, and "
		 "which size), and what the harness itself costs. Targets: false alarms not above "
		 "the nominal 5 %; in L0, 3 % more arithmetic found in 9 of 10 tries of less than "
		 "60 s, and its size right. Exit codes: 0 all met, 4 too little data to say, 99 "
		 "the instrument failed a check.",
	.options = options,
	.word = VALUE_RUN,
};

struct check {
	const struct options *opt;
	struct run_purpose purpose;
};

/* As many tries as fit, seen anew after every round. */
static int next(void *ctx, const struct session_stand *stand, struct session_size *size,
		struct err *err)
{
	struct check *c = ctx;
	uint64_t spent_ns = clock_now(&clock_machine) - stand->began_ns;
	uint64_t left_ns = c->opt->budget_ns > spent_ns ? c->opt->budget_ns - spent_ns : 0;

	size->rounds = selfcheck_rounds((uint32_t)c->opt->rounds, (uint32_t)c->opt->tries,
					stand->all_rounds, stand->rounds_ns, left_ns);
	facts_set(&c->purpose.facts, SELFCHECK_ROUND_NS, "%" PRIu64,
		  stand->rounds_ns / stand->all_rounds);
	return 0;
}

static int answer(const struct options *o, const char *dir, struct err *err)
{
	struct selfcheck s = {0};
	struct buf text = BUF_INIT;
	int rc = 0;

	if (selfcheck_build(dir, &s, err) < 0)
		return -1;
	if (o->json)
		rc = selfcheck_format_json(&s, &text, err);
	else
		selfcheck_format(&s, &text);
	rc = answer_give(&text, NULL, rc, err);
	if (rc == 0)
		rc = (int)selfcheck_code(&s);
	selfcheck_release(&s);
	return rc;
}

/* Measures and answers; where some layer could not be started, the others are judged before that
 * is said. */
static int check(struct run *r, struct check *c, struct err *err)
{
	struct err ignored;
	int done, code;

	facts_set(&c->purpose.facts, SELFCHECK_ROUNDS, "%" PRIu64, c->opt->rounds);
	c->purpose.next = next;
	c->purpose.next_ctx = c;
	r->purpose = &c->purpose;
	r->opt.profile = "quick";
	r->opt.size.rounds = c->opt->rounds;
	if (run_check(r, err) < 0)
		return -1;
	done = run_execute(r, err);
	if (!r->measured || (done < 0 && err->code == EXIT_INTERRUPTED))
		return -1;
	code = answer(c->opt, r->places.dir, done < 0 ? &ignored : err);
	return done < 0 ? -1 : code;
}

int cmd_selfcheck(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct check c = {.opt = &opt};
	struct run r = RUN_INIT;
	int done = options_parse(&cli_selfcheck, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (words.count)
		return answer(&opt, words.item[0], err);
	r.opt = opt.run;
	r.argv = (const char *const *)argv;
	done = selfcheck_choose(&opt.checks, &opt.workloads, &r.opt.workloads, err) < 0
		       ? -1
		       : check(&r, &c, err);
	selfcheck_release_choice(&r.opt.workloads);
	facts_release(&c.purpose.facts);
	run_release(&r);
	return done;
}
