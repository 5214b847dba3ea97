/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "bench/commands/command.h"
#include "bench/commands/read_runs.h"
#include "lib/file.h"
#include "lib/interrupt.h"
#include "lib/options.h"
#include "lib/printable.h"
#include "plots/plot.h"

struct options {
	bool terminal;
	const char *out;
};

static const struct option options[] = {
	{"terminal", OPT_FLAG, OFFSET(terminal), .help = "draw the main picture as text, here"},
	{"out", OPT_TEXT, OFFSET(out), "DIR",
	 .help = "where the picture of several runs goes (default: plots of the first)",
	 .value = VALUE_DIR},
	{0},
};

const struct cli cli_plot = {
	.name = "nestbench plot",
	.examples = "  nestbench plot nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n"
		    "  nestbench plot --terminal nestbench-runs/20260131T120000Z-laptop-9c40a77c1\n"
		    "  nestbench plot RUN-OF-LAPTOP RUN-OF-SERVER --out both\n",
	.words = "RUN…",
	.min_words = 1,
	.max_words = RUNS_MAX,
	.about = "Draws the plots of a run directory into its folder plots, as SVG and PNG, with "
		 "gnuplot; of several runs one picture that sets them side by side. Works on any "
		 "run, finished or interrupted, any number of times. Beside each picture lies what "
		 "it shows as NAME.tsv; a copy of share/nestbench/plots, edited, draws it in "
		 "another way: gnuplot -c copy/slope.gp RUN slope.pdf",
	.options = options,
	.word = VALUE_RUN,
};

static unsigned terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

static int draw_terminal(const struct summary *s, struct err *err)
{
	struct buf text = BUF_INIT;

	return answer_give(&text, NULL, terminal_share(s, terminal_width(), &text, err), err);
}

static int draw_one(const char *dir, const struct summary *s, struct err *err)
{
	if (plot_run(dir, s, err) < 0)
		return -1;
	printable_puts("%s/" PLOTS_DIR, dir);
	return 0;
}

static int draw_many(const struct options *o, const struct text_list *words,
		     const struct summary *s, struct err *err)
{
	struct run_of_many run[RUNS_MAX];
	char place[RUNDIR_PATH];

	for (size_t i = 0; i < words->count; i++)
		run[i] = (struct run_of_many){&s[i], file_name(words->item[i])};
	if (!o->out && rundir_path(words->item[0], PLOTS_DIR, place, err) < 0)
		return -1;
	if (runs_draw(o->out ? o->out : place, run, words->count, err) < 0)
		return -1;
	printable_puts("%s/runs.svg", o->out ? o->out : place);
	return 0;
}

int cmd_plot(int argc, char **argv, struct err *err)
{
	struct options o = {0};
	struct text_list words = {0};
	struct run_list runs;
	int done = options_parse(&cli_plot, argc, argv, &o, &words, err);

	if (done)
		return done < 0 ? -1 : EXIT_FINE;
	if (interrupt_install(err) < 0)
		return -1;
	done = runs_read(cli_plot.name, &words, &runs, err);
	for (size_t i = 0; o.terminal && i < words.count && done == 0; i++)
		done = draw_terminal(&runs.item[i], err);
	if (done == 0 && !o.terminal)
		done = words.count > 1 ? draw_many(&o, &words, runs.item, err)
				       : draw_one(words.item[0], runs.item, err);
	runs_release(&runs);
	return done;
}
