/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fnmatch.h>
#include <string.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "bench/session/session.h"
#include "lib/options.h"
#include "workloads/nestkernel/catalogue.h"
#include "workloads/workload.h"

struct options {
	bool brief;
};

static const struct option options[] = {
	{"brief", OPT_FLAG, OFFSET(brief), .help = "one line for each"},
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
};

/* Measured by the run itself, so that it is no workload that one could ask for. */
static void add_boot(struct buf *out)
{
	catalogue_line(out, "class", "boot");
	catalogue_line(out, "operation",
		       "the start of a layer's domain, until its agent answers; in every run, for "
		       "every VM");
	catalogue_line(out, "unit", "ns/op");
	catalogue_line(out, "parameters", "none");
	catalogue_line(out, "like", "systemd-analyze time, firmware and user space included");
	catalogue_line(out, "published", "none known");
}

static void separate(struct buf *out, bool brief)
{
	if (out->len && !brief)
		buf_addstr(out, "\n");
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
	struct buf out = BUF_INIT;
	int done = options_parse(&cli_list, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	for (size_t i = 0; i < words.count; i++)
		if (check_word(words.item[i], err) < 0)
			return -1;
	for (const struct workload *const *w = workloads; *w; w++) {
		if (!is_wanted(&words, (*w)->name))
			continue;
		separate(&out, o.brief);
		if (o.brief)
			catalogue_title(&out, (*w)->name, (*w)->summary);
		else
			catalogue_add(&out, *w);
	}
	if (is_wanted(&words, SESSION_BOOT_WORKLOAD)) {
		separate(&out, o.brief);
		catalogue_title(&out, SESSION_BOOT_WORKLOAD, "how long a layer takes to be there");
		if (!o.brief)
			add_boot(&out);
	}
	return answer_give(&out, NULL, 0, err);
}
