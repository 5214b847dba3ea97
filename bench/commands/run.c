/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/commands/command.h"
#include "bench/run/run.h"

int cmd_run(int argc, char **argv, struct err *err)
{
	struct run r = RUN_INIT;
	int done = run_parse(argc, argv, &r, err);

	if (done == 0)
		done = r.opt.ab.item[0] ? run_ab(&r, err) : run_execute(&r, err);
	else if (done > 0)
		done = EXIT_FINE;
	run_release(&r);
	return done;
}
