/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>

#include "bench/commands/command.h"
#include "bench/commands/gate_rerun.h"
#include "bench/commands/read_runs.h"
#include "lib/clock.h"
#include "lib/options.h"
#include "lib/parse.h"
#include "results/compare/gate.h"
#include "results/export/export.h"

struct options {
	struct side_options runs;
	struct gate_rerun_options again;
	const char *rules, *junit;
	uint64_t boots;
	bool all, rerun, json;
};

static const struct option options[] = {
	SIDE_OPTIONS,
	{"rules", OPT_TEXT, OFFSET(rules), "FILE",
	 .help = "thresholds and allowed failures, as INI (default: 5% for all)",
	 .value = VALUE_FILE},
	{"junit", OPT_TEXT, OFFSET(junit), "FILE", .help = "write the checks as JUnit XML too",
	 .value = VALUE_FILE},
	{"rerun", OPT_FLAG, OFFSET(rerun),
	 .help = "measure again what regressed or is inconclusive, and judge with that too"},
	{"rerun-boots", OPT_COUNT, OFFSET(boots), "N", "3", 1, 1000,
	 "boots of BASE and of NEW, in turns"},
	{"rerun-time", OPT_DURATION, OFFSET(again.limit_ns), "TIME", "15m", NS_PER_S,
	 UINT64_C(7) * 24 * 3600 * NS_PER_S,
	 "begin no further boots when they would end later than that"},
	{"rerun-out", OPT_TEXT, OFFSET(again.out), "DIR",
	 .help = "for its run directories base and new (default: nestbench-runs/TIME-HOST-rerun)",
	 .value = VALUE_DIR},
	{"all", OPT_FLAG, OFFSET(all), .help = "list also the checks that cannot tell"},
	{"json", OPT_FLAG, OFFSET(json), .help = "as JSON, with all"},
	{0},
};

const struct cli cli_gate = {
	.name = "nestbench gate",
	.examples =
		"  nestbench gate nestbench-runs/BEFORE nestbench-runs/AFTER\n"
		"  nestbench gate A1 B1 --base A2 --base A3 --new B2 --new B3 --rules gate.ini\n"
		"  nestbench gate BEFORE AFTER --rerun --rerun-time 10m\n",
	.words = "BASE NEW",
	.min_words = 2,
	.max_words = 2,
	.about =
		"Decides whether a change may pass: exit code 0, 99 when something regressed, 4 "
		"when the runs do not decide. A regression is a change for the worse beyond its "
		"threshold that holds after correction for the number of checks; of times it takes "
		"two or more boots on at least one side. Exits per operation that the program "
		"determines are the same in every boot, and one boot on each side is enough.\n\n"
		"Rules: [default], [class NAME], [workload GLOB] and [exits REASON] with threshold "
		"= 5%, exits = 0.5% (the threshold of exits per operation), allow = yes, "
		"inconclusive = pass, check = all, cost, overhead or exits; what is more specific "
		"counts.\n\n"
		"--rerun measures BASE and NEW again in turns where this machine can still run "
		"both (same machine, kernel and nestkernel; the kernels and QEMUs of run "
		"--kernel, --qemu and --ab are there), else NEW alone, and says which. What "
		"passed is not measured again.",
	.options = options,
	.word = VALUE_RUN,
};

static int print(const struct options *opt, const struct comparison *c, const struct gate *g,
		 struct err *err)
{
	struct buf out = BUF_INIT, xml = BUF_INIT;
	int rc = 0;

	if (opt->json) {
		rc = gate_format_json(g, &out, err);
	} else {
		env_format(&c->env, ENV_MATTERS, &out);
		gate_format(g, opt->all, &out);
	}
	if (opt->junit && rc == 0) {
		export_junit_gate(g, &xml);
		rc = answer_give(&xml, opt->junit, buf_check(&out, err), err);
	}
	return answer_give(&out, NULL, rc, err);
}

/* Measures again, and reads and judges anew if something came of it. */
static int judge_again(struct options *opt, const struct text_list *words,
		       const struct compare_options *how, const struct gate_rules *rules,
		       struct comparison *c, struct gate *g, struct err *err)
{
	struct side_options runs = opt->runs;
	struct gate_rerun_dirs more;

	opt->again.boots = (uint32_t)opt->boots;
	if (runs.base.count == LIST_MAX || runs.new.count == LIST_MAX)
		return err_set(err, EXIT_USAGE, "--rerun: there is no room for one more run");
	if (gate_rerun(g, words->item[0], words->item[1], &opt->again, &more, err) < 0)
		return -1;
	if (!more.base[0] && !more.new[0])
		return 0;
	if (more.base[0])
		runs.base.item[runs.base.count++] = more.base;
	if (more.new[0])
		runs.new.item[runs.new.count++] = more.new;
	gate_release(g);
	comparison_release(c);
	if (sides_compare(&runs, words, how, c, err) < 0)
		return -1;
	return gate_judge(c, rules, g, err);
}

int cmd_gate(int argc, char **argv, struct err *err)
{
	static const struct compare_options how = {.same = COMPARE_SAME};
	struct options opt = {0};
	struct text_list words = {0};
	struct gate_rules rules = {0};
	struct comparison c = {0};
	struct gate g = {0};
	int done = options_parse(&cli_gate, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (opt.rules && gate_rules_read(opt.rules, &rules, err) < 0)
		return -1;
	done = sides_compare(&opt.runs, &words, &how, &c, err);
	if (done == 0)
		done = gate_judge(&c, &rules, &g, err);
	if (done == 0 && opt.rerun && gate_rerun_wanted(&g))
		done = judge_again(&opt, &words, &how, &rules, &c, &g, err);
	if (done == 0)
		done = print(&opt, &c, &g, err);
	if (done == 0)
		done = (int)g.code;
	gate_release(&g);
	comparison_release(&c);
	gate_rules_release(&rules);
	return done;
}
