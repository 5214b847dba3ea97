/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "bench/commands/command.h"
#include "drivers/driver.h"
#include "lib/options.h"

struct options {
	bool dry_run;
};

static const struct option options[] = {
	{"dry-run", OPT_FLAG, OFFSET(dry_run), .help = "only tell what there is"},
	{0},
};

const struct cli cli_sweep = {
	.name = "nestbench sweep",
	.examples = "  nestbench sweep --dry-run qemu:///system "
		    "nestbench-20260131T120000Z-laptop-9c40a77c1-\n",
	.words = "URI PREFIX",
	.min_words = 2,
	.max_words = 2,
	.about = "Destroys the VMs at a system's libvirt whose names begin with PREFIX, which must "
		 "begin with nestbench- itself, and names them. nestbench clean and nestbench run "
		 "start it for what a killed run left there, with a time limit.",
	.options = options,
};

/* Every kind of layer that a service can run. */
static int sweep(const char *service, const char *prefix, bool dry_run, struct buf *said,
		 struct err *err)
{
	int done = 0;

	for (int i = 0; drivers[i] && done >= 0; i++)
		if (drivers[i]->sweep)
			done = drivers[i]->sweep(service, prefix, dry_run, said, err);
	return done;
}

int cmd_sweep(int argc, char **argv, struct err *err)
{
	struct options opt = {0};
	struct text_list words = {0};
	struct buf said = BUF_INIT;
	struct err none;
	int done = options_parse(&cli_sweep, argc, argv, &opt, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	done = sweep(words.item[0], words.item[1], opt.dry_run, &said, err);
	if (said.len)
		buf_addstr(&said, "\n");
	if (buf_print(&said, stdout, done >= 0 ? err : &none) < 0)
		done = -1;
	/* What went wrong comes behind it, where both go the same way. */
	fflush(stdout);
	buf_release(&said);
	return done < 0 ? -1 : EXIT_FINE;
}
