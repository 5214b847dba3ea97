/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "bench/base/interrupt.h"
#include "bench/command.h"
#include "bench/options.h"
#include "plots/plot.h"
#include "results/summary.h"

static const struct cli cli = {
	.name = "nestbench plot",
	.examples = "  nestbench plot nestbench-runs/20260131T120000Z-laptop\n",
	.words = "RUN",
	.min_words = 1,
	.max_words = 1,
	.about = "Draws the plots of a run directory into its folder plots, as SVG and PNG, with gnuplot.\n"
		 "Works on any run, finished or interrupted, any number of times.",
};

int cmd_plot(int argc, char **argv, struct err *err)
{
	struct text_list words = {0};
	struct summary summary = SUMMARY_INIT;
	int done = options_parse(&cli, argc, argv, NULL, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (interrupt_install(err) < 0 || summary_build(words.item[0], &summary, err) < 0)
		return -1;
	done = plot_run(words.item[0], &summary, err);
	if (done == 0)
		printf("%s/plots\n", words.item[0]);
	summary_release(&summary);
	return done;
}
