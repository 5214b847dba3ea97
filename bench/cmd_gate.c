/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "bench/base/file.h"
#include "bench/base/parse.h"
#include "bench/command.h"
#include "bench/comparing.h"
#include "bench/options.h"
#include "results/compare.h"
#include "results/export.h"
#include "results/gate.h"

struct options {
	struct comparing_options runs;
	const char *rules, *junit;
	bool all;
};

#define AT(member) offsetof(struct options, member)

static const struct option options[] = {
	COMPARING_OPTIONS(struct options, runs),
	{"rules", OPT_TEXT, AT(rules), "FILE", NULL, 0, 0,
	 "thresholds and allowed failures, as INI (default: 5% for all)"},
	{"junit", OPT_TEXT, AT(junit), "FILE", NULL, 0, 0, "write the checks as JUnit XML too"},
	{"all", OPT_FLAG, AT(all), NULL, NULL, 0, 0, "list also the checks that cannot tell"},
	{0},
};

static const struct cli cli = {
	.name = "nestbench gate",
	.examples =
		"  nestbench gate nestbench-runs/BEFORE nestbench-runs/AFTER\n"
		"  nestbench gate A1 B1 --base A2 --base A3 --new B2 --new B3 --rules gate.ini\n",
	.words = "BASE NEW",
	.min_words = 2,
	.max_words = 2,
	.about =
		"Decides whether a change may pass: exit code 0, 99 when something regressed, 4 "
		"when the runs\n"
		"do not decide. A regression is a change for the worse beyond its threshold that "
		"holds after\n"
		"correction for the number of checks; it takes two or more boots on at least one "
		"side.\n"
		"\n"
		"Rules: [default], [class NAME] and [workload GLOB] with threshold = 5%, allow = "
		"yes,\n"
		"inconclusive = pass, check = all, cost or overhead; what is more specific counts.",
	.options = options,
};

static int write_junit(const char *path, const struct gate *g, struct err *err)
{
	struct buf xml = BUF_INIT;
	int rc;

	export_junit_gate(g, &xml);
	rc = buf_check(&xml, err);
	if (rc == 0)
		rc = file_write_whole(path, xml.data, xml.len, err);
	buf_release(&xml);
	return rc;
}

static int judge(const struct options *opt, const struct comparison *c,
		 const struct gate_rules *rules, struct err *err)
{
	struct gate g = GATE_INIT;
	struct buf out = BUF_INIT;
	int rc = gate_judge(c, rules, &g, err);

	if (rc < 0)
		return -1;
	env_format(&c->env, ENV_MATTERS, &out);
	gate_format(&g, opt->all, &out);
	rc = buf_check(&out, err);
	if (rc == 0 && opt->junit)
		rc = write_junit(opt->junit, &g, err);
	if (rc == 0) {
		fputs(buf_str(&out), stdout);
		rc = (int)g.code;
	}
	buf_release(&out);
	gate_release(&g);
	return rc;
}

int cmd_gate(int argc, char **argv, struct err *err)
{
	static const struct compare_options how = COMPARE_OPTIONS;
	struct options opt = {0};
	struct text_list words = {0};
	struct gate_rules rules = GATE_RULES_INIT;
	struct comparison c = COMPARISON_INIT;
	int done = options_parse(&cli, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (opt.rules && gate_rules_read(opt.rules, &rules, err) < 0)
		return -1;
	done = comparing_read(&opt.runs, &words, &how, &c, err);
	if (done == 0)
		done = judge(&opt, &c, &rules, err);
	comparison_release(&c);
	gate_rules_release(&rules);
	return done;
}
