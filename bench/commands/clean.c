/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/run/leftovers.h"
#include "lib/interrupt.h"
#include "lib/json.h"
#include "lib/options.h"

struct options {
	bool dry_run, json;
};

static const struct option options[] = {
	{"dry-run", OPT_FLAG, OFFSET(dry_run), .help = "only tell what there is"},
	{"json", OPT_FLAG, OFFSET(json), .help = "print one JSON object"},
	{0},
};

const struct cli cli_clean = {
	.name = "nestbench clean",
	.examples = "  nestbench clean --dry-run\n"
		    "  nestbench clean\n"
		    "  nestbench clean nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n",
	.words = "[RUN…]",
	.max_words = LIST_MAX,
	.about = "Clears up behind runs that were killed (kill -9, out of memory) or outlived by a "
		 "reboot: ends their VMs and processes, removes their sockets, directories and "
		 "scratch files, and marks them as interrupted, so that nestbench resume can "
		 "complete them. The next nestbench run does the same. What a living process uses, "
		 "and what belongs to others, is not touched. Named runs are looked at too, "
		 "wherever they were started. What cannot be ended or put back, as at a libvirt "
		 "that does not answer within 30 s, is told, and tried again the next time.",
	.options = options,
	.word = VALUE_RUN,
};

static void say(void *ctx, const char *line)
{
	puts(line);
}

static void collect(void *ctx, const char *line)
{
	json_t **lines = ctx;

	*lines = json_and(*lines, json_text(line + strspn(line, " ")));
}

/* Takes lines. */
static int answer(const struct cleaning *c, json_t *lines, struct err *err)
{
	json_t *o = json_pack("{s:b, s:i, s:i, s:o}", "dry_run", c->dry_run, "found", c->found,
			      "not_cleaned_up", c->troubles, "lines", lines);

	return answer_json("clean", 1, o, err);
}

static int clean(struct cleaning *c, const struct text_list *dirs, struct err *err)
{
	if (leftovers_clean(c, err) < 0)
		return -1;
	for (size_t i = 0; i < dirs->count; i++)
		if (leftovers_clean_dir(c, dirs->item[i], err) < 0)
			return -1;
	return 0;
}

int cmd_clean(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	int done = options_parse(&cli_clean, argc, argv, &opt, &words, err);
	json_t *lines = NULL;
	struct cleaning c = {.dry_run = opt.dry_run, .say = say};

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (interrupt_install(err) < 0)
		return -1;
	if (opt.json) {
		lines = json_array();
		c.say = collect;
		c.say_ctx = &lines;
	}
	if (clean(&c, &words, err) < 0) {
		json_decref(lines);
		return -1;
	}
	if (opt.json && answer(&c, lines, err) < 0)
		return -1;
	if (c.troubles)
		return err_set(err, EXIT_MACHINE, "%d of %d things could not be cleaned up",
			       c.troubles, c.found);
	if (!c.found && !opt.json)
		puts("nothing was left behind");
	return EXIT_FINE;
}
