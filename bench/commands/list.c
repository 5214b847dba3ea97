/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fnmatch.h>
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/plan/catalogue_json.h"
#include "bench/session/session.h"
#include "lib/json.h"
#include "lib/options.h"
#include "workloads/nestkernel/catalogue.h"
#include "workloads/workload.h"

struct options {
	bool brief, json;
};

static const struct option options[] = {
	{"brief", OPT_FLAG, OFFSET(brief), .help = "one line for each"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object, with all of it"},
	{0},
};

const struct cli cli_list = {
	.name = "nestbench list",
	.examples = "  nestbench list\n"
		    "  nestbench list --brief\n"
		    "  nestbench list mem.chase 'io.*'\n",
	.words = "[WORKLOAD…]",
	.max_words = LIST_MAX,
	.about = "Lists the workloads, or those that are named or match a pattern: class, what one "
		 "operation is, the unit, the parameters with range and default, the tool that it "
		 "corresponds to, and the published figure, if any is known. All workloads can be "
		 "run in copies=N and guests=N too, but for those that find a capacity.",
	.options = options,
	.word = VALUE_WORKLOAD,
};

/* Measured by the run itself, so that it is no workload that one could ask for. */
static const struct workload boot = {
	.name = SESSION_BOOT_WORKLOAD,
	.summary = "how long a layer takes to be there",
	.class = CLASS_BOOT,
	.unit = SAMPLE_NS_PER_OP,
	.op = "the start of a layer's domain, until its agent answers; in every run, for every VM",
	.source = "systemd-analyze time, firmware and user space included",
};

struct catalogue {
	const struct options *opt;
	struct buf text;
	json_t *list;
};

static void add(struct catalogue *c, const struct workload *w)
{
	if (c->opt->json) {
		c->list = json_and(c->list, catalogue_json(w));
	} else if (c->opt->brief) {
		catalogue_title(&c->text, w->name, w->summary);
	} else {
		buf_addstr(&c->text, c->text.len ? "\n" : "");
		catalogue_add(&c->text, w);
	}
}

static int give(struct catalogue *c, struct err *err)
{
	if (c->opt->json)
		return answer_json("list", 1, json_pack("{s:o}", "workloads", c->list), err);
	return answer_give(&c->text, NULL, 0, err);
}

static bool is_wanted(const struct text_list *words, const char *name)
{
	for (size_t i = 0; i < words->count; i++)
		if (fnmatch(words->item[i], name, 0) == 0)
			return true;
	return words->count == 0;
}

static int check_word(const char *word, struct err *err)
{
	char hint[NEAREST_TEXT];

	if (fnmatch(word, SESSION_BOOT_WORKLOAD, 0) == 0)
		return 0;
	for (const struct workload *const *w = workloads; *w; w++)
		if (fnmatch(word, (*w)->name, 0) == 0)
			return 0;
	return err_set(err, EXIT_USAGE, "no workload matches \"%s\" (%snestbench list shows all)",
		       word, workload_hint(word, strlen(word), "", " ", hint));
}

int cmd_list(int argc, char **argv, struct err *err)
{
	struct text_list words = {0};
	struct options o = {0};
	struct catalogue c = {.opt = &o, .text = BUF_INIT};
	int done = options_parse(&cli_list, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	for (size_t i = 0; i < words.count; i++)
		if (check_word(words.item[i], err) < 0)
			return -1;
	c.list = o.json ? json_array() : NULL;
	for (const struct workload *const *w = workloads; *w; w++)
		if (is_wanted(&words, (*w)->name))
			add(&c, *w);
	if (is_wanted(&words, boot.name))
		add(&c, &boot);
	return give(&c, err);
}
